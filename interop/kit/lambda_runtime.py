"""The smallest Lambda runtime, as a program: it answers each event with an echo, or fails if told to.

lambda_runtime.py URL    the URL of the runtime API, less its version
"""

import json
import sys
import time
import urllib.error
import urllib.request

HOUR = 3600
PAUSE = 0.2  # seconds


def main(base):
    base += "/2018-06-01/runtime/invocation"
    while True:
        try:
            serve_one(base)
        except OSError as error:
            # The emulator may not be there yet, or no longer.
            print(error, flush=True)
            time.sleep(PAUSE)


def serve_one(base):
    with urllib.request.urlopen(f"{base}/next", timeout=HOUR) as response:
        event, number = response.read(), response.headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        payload = json.loads(event)
    except ValueError:
        payload = {"not JSON": event.decode("latin-1")}
    if isinstance(payload, dict) and payload.get("fail"):
        error = {"errorType": "Asked", "errorMessage": "asked to fail", "stackTrace": []}
        headers = {"Lambda-Runtime-Function-Error-Type": "Asked"}
        post(f"{base}/{number}/error", error, headers)
    else:
        post(f"{base}/{number}/response", {"echo": payload}, {})


def post(url, answer, headers):
    data = json.dumps(answer).encode()
    request = urllib.request.Request(url, data=data, headers=headers)
    urllib.request.urlopen(request, timeout=HOUR).close()


if __name__ == "__main__":
    main(sys.argv[1])
