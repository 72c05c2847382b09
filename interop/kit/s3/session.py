"""One user at one server: calls through sigcurl, and what is expected of the answers."""

import dataclasses
import urllib.parse

from kit import wire
from kit.tamper import tampered

REFUSED = "403 SignatureDoesNotMatch"
UNSIGNED = "403 AccessDenied"
WRONG_TOKEN = "40[03] InvalidToken"
WRONG_HASH = "400 XAmzContentSHA256Mismatch"


@dataclasses.dataclass
class Server:
    """A server with an S3 interface, by path: `http://127.0.0.1:PORT/BUCKET/KEY`."""

    port: int
    users: dict  # name: credentials; the first is asked everything
    region: str = "us-east-1"
    bucket: str = "interop-bucket"


class Session:
    def __init__(self, run, server, who, credentials):
        self.checks, self.sigcurl, self.scratch = run.checks, run.sigcurl, run.scratch
        self.server, self.who, self.credentials = server, who, credentials
        self.base = f"http://127.0.0.1:{server.port}/{server.bucket}"

    def url(self, written="", query=""):
        path = f"/{written}" if written or query else ""
        return self.base + path + (f"?{query}" if query else "")

    def arguments(self, *arguments):
        return ["--service", "s3", "--region", self.server.region, "-g", *arguments]

    def call(self, *arguments, stdin=b""):
        return self.sigcurl.call(self.arguments(*arguments), self.credentials, stdin)

    def put(self, written, body, *headers):
        return self.call("-T", "-", *headers, self.url(written), stdin=body)

    def expect(self, name, wanted, answer):
        """Whether the answer was an acceptance."""
        self.checks.expect(name, wanted, answer.words(), answer.detail())
        return answer.words() == "accepted"

    def expect_body(self, name, wanted, answer):
        seen = answer.words()
        if seen == "accepted" and answer.body != wanted:
            seen = f"other bytes ({len(answer.body)} instead of {len(wanted)})"
        self.checks.expect(name, "accepted", seen, answer.detail())

    def changes(self, name, *arguments, stdin=b"", only=None, as_printed=True):
        """The very bytes that sigcurl would send, as they are and with one byte changed.

        `only` names the parts to change; without it, all are changed and the signature is left out, too.
        """
        try:
            request = self.sigcurl.dry_run(self.arguments(*arguments), self.credentials, stdin)
        except ValueError as error:
            self.checks.record(f"{name}: prints the request", False, error)
            return
        if as_printed:
            self.expect(f"{name} as printed", "accepted", self.exchange(request))
        parts = dict(tampered(request, host=True))
        for part in only or parts:
            changed = parts[part]
            special = {
                "signed x-amz-security-token": WRONG_TOKEN,
                "body under the old hash": WRONG_HASH,
            }
            wanted = self.without_body(request, special.get(part, REFUSED))
            self.expect(f"{name} with changed {part}", wanted, self.exchange(changed))
        if not only:
            wanted = self.without_body(request, UNSIGNED)
            unsigned = self.exchange(request.without_authorization())
            self.expect(f"{name} unsigned", wanted, unsigned)

    @staticmethod
    def without_body(request, wanted):
        """An answer to HEAD has no error code."""
        return wanted.partition(" ")[0] if request.line.startswith(b"HEAD ") else wanted

    def exchange(self, request):
        return wire.exchange(self.server.port, request.bytes())

    def presign(self, *arguments):
        return self.sigcurl.presign(self.arguments(*arguments), self.credentials)

    def fetch(self, presigned, body=None):
        parts = urllib.parse.urlsplit(presigned.url)
        target = f"{parts.path}?{parts.query}"
        return wire.fetch(self.server.port, presigned.method, target, presigned.headers, body)
