"""A function behind ministack's gateways, Invoke and function URL: it answers with what it saw."""

import json
import re

from kit import wire
from kit.keys import with_wrong_secret
from kit.tamper import tampered

REGION = "us-east-1"

# A request can be refused for many reasons. These are what ministack says of the right ones.
WRONG_SIGNATURE = rb"signature we calculated does not match"
WRONG_TOKEN = rb"security token included in the request is invalid"
NO_SIGNATURE = rb"Missing Authentication Token|Forbidden"


class Target:
    """A request, and what the answer to it has to hold."""

    def __init__(self, name, service, url, *, host=None, body=None, endpoint=None, expected):
        self.name, self.service, self.url, self.host, self.body = name, service, url, host, body
        self.endpoint, self.command = endpoint, ["api"] if endpoint else []
        self.expected = expected
        self.service_name = name.split(",")[0]

    def arguments(self):
        if self.endpoint:
            yield from ("--endpoint-url", self.endpoint)
        yield from ("--service", self.service, "--region", REGION)
        yield from ("-H", "X-Amz-Meta-Note: one two")
        if self.host:
            yield from ("-H", f"Host: {self.host}")
        if self.body is not None:
            yield from ("-X", "POST", "-H", "Content-Type: application/json", "-d", self.body)
        yield self.url


def targets(port, setup):
    base = f"http://127.0.0.1:{port}"
    body = '{"pet": "cat", "n": 1}'

    def echo(path, sent=None):
        def expected(answer):
            query = {name: one(value) for name, value in answer["query"].items()}
            return (answer["path"], query, answer["body"]) == (path, {"tag": "1"}, sent)

        return expected

    rest, gateway = setup["rest_api"], f"execute-api.{REGION}.amazonaws.com"
    by_path = f"{base}/_aws/execute-api/{rest}/prod/pets?tag=1"
    by_host = {"url": f"{base}/prod/pets?tag=1", "host": f"{rest}.{gateway}"}
    seen, posted = {"expected": echo("/pets")}, {"expected": echo("/pets", body), "body": body}
    yield Target("REST API, GET by path", "execute-api", by_path, **seen)
    yield Target("REST API, POST by path", "execute-api", by_path, **posted)
    yield Target("REST API, GET by host", "execute-api", **by_host, **seen)
    yield Target("REST API, POST by host", "execute-api", **by_host, **posted)
    by_id = f"{rest}.{REGION}/prod/pets?tag=1"
    yield Target("REST API, POST by id", "execute-api", by_id, endpoint=base, **posted)

    api = setup["http_api"]
    by_path = f"{base}/_aws/execute-api/{api}/%24default/pets?tag=1"
    by_host = {"url": f"{base}/pets?tag=1", "host": f"{api}.{gateway}"}
    yield Target("HTTP API, GET by path", "execute-api", by_path, **seen)
    yield Target("HTTP API, POST by host", "execute-api", **by_host, **posted)

    url = f"{base}/2015-03-31/functions/hello/invocations?tag=1"
    same = lambda answer: answer == json.loads(body)
    yield Target("Lambda Invoke, POST", "lambda", url, body=body, expected=same)

    host = setup["function_url"]
    by_path = f"{base}/_aws/lambda-url/{host.split('.')[0]}/pets?tag=1"
    by_host = {"url": f"{base}/pets?tag=1", "host": host}
    yield Target("function URL, GET by path", "lambda", by_path, **seen)
    yield Target("function URL, POST by host", "lambda", **by_host, **posted)


def one(value):
    """The value of a parameter that was sent once, which some events hold in a list."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def check(run, port, users, setup):
    checker = Checker(run, port)
    for who, credentials in users.items():
        for target in targets(port, setup):
            answer = run.sigcurl.call(list(target.arguments()), credentials, command=target.command)
            checker.accepted(f"{target.name}, {who}", target, answer)

    # Only one form of each service: the signature does not know about the others.
    tested = {target.service_name: target for target in targets(port, setup)}
    for who, credentials in users.items():
        for target in tested.values():
            checker.changes(f"{target.name}, {who}", target, credentials)

    wrong = with_wrong_secret(next(iter(users.values())))
    for target in tested.values():
        answer = run.sigcurl.call(list(target.arguments()), wrong, command=target.command)
        checker.refused(f"{target.name}, wrong secret", answer, WRONG_SIGNATURE)


class Checker:
    def __init__(self, run, port):
        self.checks, self.sigcurl, self.port = run.checks, run.sigcurl, port

    def accepted(self, name, target, answer):
        try:
            good = answer.status == 200 and target.expected(json.loads(answer.body))
        except (ValueError, LookupError, TypeError, AttributeError):
            good = False
        self.checks.record(f"{name}: accepted", good, answer.detail())

    def refused(self, name, answer, reason):
        good = answer.status == 403 and re.search(reason, answer.body) is not None
        self.checks.record(f"{name}: refused", good, answer.detail())

    def changes(self, name, target, credentials):
        """The very bytes that sigcurl would send, as they are and with one byte changed."""
        try:
            request = self.sigcurl.dry_run(list(target.arguments()), credentials, command=target.command)
        except ValueError as error:
            self.checks.record(f"{name}: prints the request", False, error)
            return
        self.accepted(f"{name}, as printed", target, self.exchange(request))
        for what, changed in tampered(request):
            reason = WRONG_TOKEN if what == "signed x-amz-security-token" else WRONG_SIGNATURE
            self.refused(f"{name}, {what} changed", self.exchange(changed), reason)
        self.refused(
            f"{name}, unsigned", self.exchange(request.without_authorization()), NO_SIGNATURE
        )

    def exchange(self, request):
        return wire.exchange(self.port, request.bytes())
