"""Makes a user, a role and its session on a moto server, then switches the check of signatures on.

setup/moto.py PORT    prints what was made as JSON
"""

import json
import sys
import urllib.request

import aws


def main(port):
    aws.without_the_callers_settings()
    service = aws.services(port)
    iam = service("iam")
    made = {"user": aws.user_key(iam), "role_arn": aws.role(iam)}
    made["role"] = aws.session_key(service("sts"), made["role_arn"])
    made["account"] = made["role_arn"].split(":")[4]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/moto-api/reset-auth",
        data=b"0",  # requests that are still let through unchecked
        headers={"Content-Type": "text/plain"},
    )
    urllib.request.urlopen(request, timeout=aws.CALL).read()
    return made


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1])), sys.stdout)
