"""Services behind `POST /` and the two protocols they speak: forms (query) and JSON (with X-Amz-Target)."""

import dataclasses
import json
import re
import urllib.parse

from kit import wire
from kit.keys import with_wrong_secret
from kit.tamper import tampered

REFUSED = "40[03] (SignatureDoesNotMatch|InvalidSignatureException)"
NOBODY = "40[03] (UnrecognizedClientException|InvalidClientTokenId)"
UNSIGNED = "40[03] (MissingAuthenticationToken|AccessDenied)(Exception)?"


@dataclasses.dataclass
class Call:
    name: str
    arguments: list
    wanted: bytes  # a pattern that the answer has to match


@dataclasses.dataclass
class Service:
    """`calls` build on each other; the last one only reads, and is tampered with."""

    name: str  # as it is signed for
    calls: list


def form(version):
    """Encoded as the SDKs do it: a space is a plus."""

    def call(action, wanted, **fields):
        fields = {"Action": action, "Version": version, **fields}
        return Call(f"{action}, form", ["-d", urllib.parse.urlencode(fields)], wanted)

    return call


def form_by_sigcurl(version):
    def call(action, wanted, **fields):
        arguments = ["-d", f"Action={action}", "-d", f"Version={version}"]
        for name, value in fields.items():
            arguments += ["--data-urlencode", f"{name}={value}"]
        return Call(f"{action}, form by sigcurl", arguments, wanted)

    return call


def form_in_query(version):
    def call(action, wanted, **fields):
        made = form_by_sigcurl(version)(action, wanted, **fields)
        return Call(f"{action}, query", ["-G", *made.arguments], wanted)

    return call


def target(prefix, minor="1.1"):
    def call(action, wanted, /, **payload):
        arguments = ["-H", f"X-Amz-Target: {prefix}.{action}"]
        arguments += ["-H", f"Content-Type: application/x-amz-json-{minor}"]
        return Call(f"{action}, JSON", [*arguments, "-d", json.dumps(payload)], wanted)

    return call


def check(run, port, users, services, region="us-east-1"):
    for at, (who, credentials) in enumerate(users.items()):
        for service in services:
            # The first user makes what the others only read.
            calls = service.calls if at == 0 else service.calls[-1:]
            Checker(run, port, who, credentials, service.name, region).check(calls)


class Checker:
    def __init__(self, run, port, who, credentials, service, region):
        self.checks, self.sigcurl, self.port = run.checks, run.sigcurl, port
        self.name, self.credentials = f"{service}, {who}", credentials
        self.signing = ["--service", service, "--region", region]

    def arguments(self, call):
        return [*self.signing, *call.arguments, f"http://127.0.0.1:{self.port}/"]

    def check(self, calls):
        for call in calls:
            answer = self.sigcurl.call(self.arguments(call), self.credentials)
            self.expect(f"{self.name}: {call.name}", call, answer)
        self.changes(calls[-1])

    def expect(self, name, call, answer):
        seen = answer.words()
        if seen == "accepted" and not re.search(call.wanted, answer.body):
            seen = "another answer"
        self.checks.expect(name, "accepted", seen, answer.detail())

    def changes(self, call):
        """The very bytes that sigcurl would send, as they are and with one byte changed."""
        try:
            request = self.sigcurl.dry_run(self.arguments(call), self.credentials)
        except ValueError as error:
            self.checks.record(f"{self.name}: prints the request", False, error)
            return
        self.expect(f"{self.name}: as printed", call, self.exchange(request))
        for part, changed in tampered(request):
            wanted = NOBODY if part == "signed x-amz-security-token" else REFUSED
            self.refused(f"changed {part}", wanted, self.exchange(changed))
        self.refused("unsigned", UNSIGNED, self.exchange(request.without_authorization()))
        wrong = with_wrong_secret(self.credentials)
        self.refused("wrong secret", REFUSED, self.sigcurl.call(self.arguments(call), wrong))
        nobody = {**self.credentials, "AWS_ACCESS_KEY_ID": "AKIDSTRANGER12345678"}
        self.refused("unknown key", NOBODY, self.sigcurl.call(self.arguments(call), nobody))

    def refused(self, what, wanted, answer):
        self.checks.expect(f"{self.name}: {what}", wanted, answer.words(), answer.detail())

    def exchange(self, request):
        return wire.exchange(self.port, request.bytes())
