"""`--role-arn`: sigcurl itself asks the server's STS for a session, and signs with that."""

from kit.keys import with_wrong_secret

WHO = "Action=GetCallerIdentity&Version=2011-06-15"


def check(run, port, credentials, role):
    url = f"http://127.0.0.1:{port}/"
    arguments = ["--service", "sts", "--region", "us-east-1", "-d", WHO, url]

    def who(credentials, *more):
        environment = {**credentials, "AWS_ENDPOINT_URL_STS": url}
        return run.sigcurl.call([*more, *arguments], environment)

    alone, assumed = who(credentials), who(credentials, "--role-arn", role)
    good = b":user/interop" in alone.body and b":assumed-role/interop/" in assumed.body
    run.checks.record("--role-arn: the session signs", good, f"{alone} {assumed}")

    # Another session name, so that no session kept on disk can stand in.
    other = "--role-arn", role, "--role-session-name", "other"
    refused = who(with_wrong_secret(credentials), *other)
    good = refused.status == 0 and b"sigcurl: " in refused.body
    run.checks.record("--role-arn with a wrong secret: no session", good, refused.detail())
