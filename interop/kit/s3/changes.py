"""One byte changed in each part of a request; another secret; another key."""

import datetime

from kit.keys import with_wrong_secret
from kit.s3 import data, listing
from kit.s3.session import REFUSED


def check(session):
    url = session.url("tamper/object")
    session.expect("tampering: PUT", "accepted", session.put("tamper/object", data.TAMPERED))
    note = "-H", "x-amz-meta-note: one two"
    text = "-H", "Content-Type: text/plain", "--data-binary", data.TAMPERED.decode()
    session.changes("PUT", "-X", "PUT", *text, *note, url)
    session.changes("GET", *note, url)
    list_url = session.url(query="list-type=2&prefix=tamper%2F&max-keys=3")
    session.changes("list", *note, list_url)
    session.changes("HEAD", "-I", *note, url)
    session.changes("DELETE", "-X", "DELETE", url, as_printed=False)

    found = listing.keys(session.call(list_url))
    seen = "the object" if found == ["tamper/object"] else f"{found}"
    session.checks.expect("tampering: what is stored", "the object", seen)
    session.expect_body("tampering: the object", data.TAMPERED, session.call(url))

    for what, options, wanted in scopes():
        request = session.sigcurl.dry_run(session.arguments(*options, url), session.credentials)
        session.expect(f"signed for {what}", wanted, session.exchange(request))

    wrong = with_wrong_secret(session.credentials)
    answer = session.sigcurl.call(session.arguments(url), wrong)
    session.expect("wrong secret: GET", REFUSED, answer)
    stranger = {**session.credentials, "AWS_ACCESS_KEY_ID": "AKIDSTRANGER12345678"}
    answer = session.sigcurl.call(session.arguments(url), stranger)
    session.expect("unknown key: GET", "403 InvalidAccessKeyId", answer)


def scopes():
    """Signatures that are right, and for something else."""
    now = datetime.datetime.now(datetime.timezone.utc)
    elsewhere = "400 AuthorizationHeaderMalformed"
    yield "another region", ["--region", "eu-west-9"], elsewhere
    yield "another service", ["--service", "s3-outposts"], elsewhere
    for what, minutes in ("20 minutes ago", -20), ("in 20 minutes", 20):
        at = now + datetime.timedelta(minutes=minutes)
        yield what, ["--at", f"{at:%Y%m%dT%H%M%SZ}"], "403 RequestTimeTooSkewed"
