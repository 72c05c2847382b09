"""What every server with an S3 interface has to see. Names of checks are `area: what`, for the rules of a server."""

import dataclasses
import re
import urllib.parse
import xml.etree.ElementTree

from kit import s3_data as data
from kit import wire
from kit.keys import with_wrong_secret
from kit.tamper import tampered

REFUSED = "403 SignatureDoesNotMatch"
REFUSED_WITHOUT_BODY = "403"
UNSIGNED = "403 AccessDenied"


@dataclasses.dataclass
class Server:
    """A server with an S3 interface, by path: `http://127.0.0.1:PORT/BUCKET/KEY`."""

    port: int
    users: dict  # name: credentials; the first is asked everything
    region: str = "us-east-1"
    bucket: str = "interop-bucket"


def check(run, server):
    S3(run, server).everything()


class S3:
    def __init__(self, run, server):
        self.checks, self.sigcurl, self.scratch = run.checks, run.sigcurl, run.scratch
        self.server = server
        self.base = f"http://127.0.0.1:{server.port}/{server.bucket}"
        self.who, self.credentials = next(iter(server.users.items()))

    def everything(self):
        self.expect("bucket: make", "accepted", self.call("-X", "PUT", self.base))
        for label, written, key in data.KEYS:
            self.round_trip(label, written, key)
        for label, body in data.BODIES.items():
            for way in data.WAYS:
                self.upload(label, body, way)
        for label, value in data.METADATA.items():
            self.metadata(label, value)
        self.queries()
        self.tampering()
        self.presigned()
        for self.who, self.credentials in list(self.server.users.items())[1:]:
            self.other_user()

    # One call

    def url(self, written="", query=""):
        return f"{self.base}/{written}" + (f"?{query}" if query else "")

    def arguments(self, *arguments):
        return ["--service", "s3", "--region", self.server.region, "-g", *arguments]

    def call(self, *arguments, stdin=b""):
        return self.sigcurl.call(self.arguments(*arguments), self.credentials, stdin)

    def expect(self, name, wanted, answer):
        self.checks.expect(name, wanted, answer.words(), answer.detail())
        return answer

    def expect_body(self, name, wanted, answer):
        seen = answer.words()
        if seen == "accepted" and answer.body != wanted:
            seen = f"other bytes ({len(answer.body)} instead of {len(wanted)})"
        self.checks.expect(name, "accepted", seen, answer.detail())

    def put(self, written, body, *headers):
        return self.call("-T", "-", *headers, self.url(written), stdin=body)

    # Keys

    def round_trip(self, label, written, key):
        """The key is written, found under its right name, read, and removed."""
        folder, body = f"keys-{data.slug(label)}", f"body of {label}".encode()
        written, name = f"{folder}/{written}", f"key {label}"
        stored = self.expect(f"{name}: PUT", "accepted", self.put(written, body))
        self.checks.expect(f"{name}: its name in the list", "as meant", self.listed(folder, key))
        if stored.words() != "accepted":
            return
        self.expect_body(f"{name}: GET", body, self.call(self.url(written)))
        head = self.expect(f"{name}: HEAD", "accepted", self.call("-I", self.url(written)))
        length = head.headers.get("content-length", b"").decode()
        self.checks.expect(f"{name}: HEAD, length", str(len(body)), length)
        self.expect(f"{name}: DELETE", "accepted", self.call("-X", "DELETE", self.url(written)))
        self.expect(f"{name}: GET after DELETE", "404 NoSuchKey", self.call(self.url(written)))

    def listed(self, folder, key):
        answer = self.call(self.url(query=f"list-type=2&prefix={folder}/"))
        keys = texts(answer, "Contents", "Key")
        if keys == [f"{folder}/{key}"]:
            return "as meant"
        return "not there" if keys == [] else f"{keys}" if keys else answer.words()

    # Bodies

    def upload(self, label, body, way):
        key = f"bodies/{data.slug(label)}"
        path = self.scratch / "body"
        path.write_bytes(body)
        arguments = [it.replace("FILE", str(path)) for it in data.WAYS[way]]
        answer = self.call(*arguments, self.url(key), stdin=body if "-" in way.split() else b"")
        name = f"body {label}, {way}"
        if self.expect(f"{name}: PUT", "accepted", answer).words() == "accepted":
            self.expect_body(f"{name}: GET", body, self.call(self.url(key)))

    def metadata(self, label, value):
        name, key = f"metadata {label}", f"metadata/{data.slug(label)}"
        self.expect(
            f"{name}: PUT", "accepted", self.put(key, b"x", "-H", f"x-amz-meta-note: {value}")
        )
        head = self.call("-I", self.url(key))
        kept = head.headers.get("x-amz-meta-note", b"").decode("latin-1")
        seen = (
            "kept" if kept == value else "folded" if kept == " ".join(value.split()) else repr(kept)
        )
        self.checks.expect(f"{name}: kept", "kept|folded", seen, head.detail())

    # Queries

    def queries(self):
        for key in data.LISTED:
            self.expect(
                f"list: PUT {key}", "accepted", self.put(f"list/{urllib.parse.quote(key)}", b"x")
            )
        for label, query, wanted in data.QUERIES:
            answer = self.expect(f"query {label}", "accepted", self.call(self.url(query=query)))
            if wanted is None or answer.words() != "accepted":
                continue
            keys = texts(answer, "Contents", "Key") + texts(answer, "CommonPrefixes", "Prefix")
            seen = "as asked" if keys == [f"list/{it}" for it in wanted] else f"{keys}"
            self.checks.expect(f"query {label}: the list", "as asked", seen)

    # Changes

    def tampering(self):
        """The very bytes that sigcurl would send, as they are and with one byte changed."""
        self.expect("tampering: PUT", "accepted", self.put("tamper/object", data.TAMPERED))
        note = ("-H", "x-amz-meta-note: one two")
        body = (
            "-X",
            "PUT",
            "-H",
            "Content-Type: text/plain",
            "--data-binary",
            data.TAMPERED.decode(),
        )
        object_, list_ = self.url("tamper/object"), self.url(
            query="list-type=2&prefix=tamper%2F&max-keys=3"
        )
        self.changes("PUT", *body, *note, object_)
        self.changes("GET", *note, object_)
        self.changes("list", *note, list_)
        self.changes("HEAD", "-I", *note, object_)
        before = self.texts_of("tamper/")
        self.changes("DELETE", "-X", "DELETE", self.url("tamper/object"), as_printed=False)
        stored = "the object" if before == ["tamper/object"] else f"{before}"
        self.checks.expect("tampering: what is stored", "the object", stored)
        self.expect_body("tampering: the object", data.TAMPERED, self.call(object_))

        wrong = with_wrong_secret(self.credentials)
        answer = self.sigcurl.call(self.arguments(object_), wrong)
        self.expect("wrong secret: GET", REFUSED, answer)
        stranger = {**self.credentials, "AWS_ACCESS_KEY_ID": "AKIDSTRANGER12345678"}
        answer = self.sigcurl.call(self.arguments(object_), stranger)
        self.expect("unknown key: GET", "403 InvalidAccessKeyId", answer)

    def texts_of(self, prefix):
        return texts(self.call(self.url(query=f"list-type=2&prefix={prefix}")), "Contents", "Key")

    def changes(self, what, *arguments, as_printed=True):
        try:
            request = self.sigcurl.dry_run(self.arguments(*arguments), self.credentials)
        except ValueError as error:
            self.checks.record(f"{self.who} {what}: prints the request", False, error)
            return
        head = what == "HEAD"
        refused, unsigned = (REFUSED_WITHOUT_BODY,) * 2 if head else (REFUSED, UNSIGNED)
        if as_printed:
            self.expect(f"{what} as printed", "accepted", self.exchange(request))
        for part, changed in tampered(request, host=True):
            wanted = refused
            if part == "body under the old hash":
                wanted = "400 XAmzContentSHA256Mismatch"
            elif part == "signed x-amz-security-token":
                wanted = "400 InvalidToken|403 InvalidToken|403" if head else "40[03] InvalidToken"
            self.expect(f"{what} with changed {part}", wanted, self.exchange(changed))
        self.expect(f"{what} unsigned", unsigned, self.exchange(request.without_authorization()))

    def exchange(self, request):
        return wire.exchange(self.server.port, request.bytes())

    # Presigned URLs

    def presigned(self):
        """Fetched by someone else's client; and refused with one character changed."""
        body = bytes(range(256))
        key = "presigned/a b+c=é(1).bin"
        put = self.presign("-X", "PUT", self.url(key))
        self.expect("presigned PUT", "accepted", self.fetch(put, body=body))
        get = self.presign(self.url(key, "response-content-type=text/x-note%3B%20a%3D%22b%20c%22"))
        self.expect_body("presigned GET", body, self.fetch(get))
        for what, other in changed_urls(get):
            self.expect(f"presigned GET with changed {what}", REFUSED, self.fetch(other))
        for what, other in changed_urls(put):
            self.expect(
                f"presigned PUT with changed {what}", REFUSED, self.fetch(other, body=b"other")
            )
        other = dataclasses.replace(get, method="DELETE")
        self.expect("presigned GET with another method", REFUSED, self.fetch(other))
        self.expect_body("presigned PUT: what is stored", body, self.call(self.url(key)))

        with_header = self.presign(
            "-X", "PUT", "-H", "x-amz-meta-note: one  two", self.url("presigned/note")
        )
        self.expect("presigned PUT with a header", "accepted", self.fetch(with_header, body=b"x"))
        changed = {**with_header.headers, "x-amz-meta-note": "one three"}
        other = dataclasses.replace(with_header, headers=changed)
        self.expect("presigned PUT with a header changed", REFUSED, self.fetch(other, body=b"y"))

        old = self.presign("--at", "20200101T000000Z", "--expires", "1h", self.url(key))
        self.expect("presigned GET, expired", "403 AccessDenied", self.fetch(old))

    def presign(self, *arguments):
        return self.sigcurl.presign(self.arguments(*arguments), self.credentials)

    def fetch(self, presigned, body=None):
        parts = urllib.parse.urlsplit(presigned.url)
        target = f"{parts.path}?{parts.query}"
        return wire.fetch(self.server.port, presigned.method, target, presigned.headers, body)

    # Keys of another kind

    def other_user(self):
        """The same signer with a session token: a few of each kind."""
        key, body = "user/a b+é.bin", bytes(range(256))
        who = self.who
        self.expect(
            f"{who}: PUT", "accepted", self.put(key, body, "-H", "x-amz-meta-note: one  two")
        )
        self.expect_body(f"{who}: GET", body, self.call(self.url(key)))
        self.expect(
            f"{who}: list", "accepted", self.call(self.url(query="list-type=2&prefix=user/a b"))
        )
        self.expect_body(f"{who}: presigned GET", body, self.fetch(self.presign(self.url(key))))
        for what, other in changed_urls(self.presign(self.url(key))):
            self.expect(f"{who}: presigned GET with changed {what}", REFUSED, self.fetch(other))
        self.changes(f"{who}: GET", self.url(key))
        self.changes(f"{who}: PUT", "-X", "PUT", "-d", "some text", self.url("user/tampered"))
        self.expect(f"{who}: DELETE", "accepted", self.call("-X", "DELETE", self.url(key)))


def changed_urls(presigned):
    """Yields (what, presigned) with one character changed."""

    def changed(pattern, by):
        url, count = re.subn(pattern, by, presigned.url, count=1)
        if count != 1:
            raise ValueError(f"no {pattern} in a presigned URL")
        return dataclasses.replace(presigned, url=url)

    yield "signature", changed(r"(?<=X-Amz-Signature=)(.)", lambda it: "1" if it[0] != "1" else "2")
    yield "expiry", changed(r"(?<=X-Amz-Expires=)(\d)", lambda it: "1" if it[0] != "1" else "2")
    yield "path", changed(r"(?=\?)", "x")
    if "response-content-type" in presigned.url:
        yield "query", changed(r"(?<=response-content-type=)t", "v")


def texts(answer, element, child):
    """The texts of the `child` of each `element` in a list, in its order; none without a list."""
    try:
        root = xml.etree.ElementTree.fromstring(answer.body)
    except xml.etree.ElementTree.ParseError:
        return None
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    return [it.findtext(f"{space}{child}") or "" for it in root.iter(f"{space}{element}")]
