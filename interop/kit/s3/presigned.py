"""Presigned URLs: fetched by someone else's client, and refused with one character changed."""

import dataclasses
import re

from kit.s3.session import REFUSED

BODY = bytes(range(256))


def check(session):
    url = session.url("presigned/a b+c=é(1).bin")
    put = session.presign("-X", "PUT", url)
    session.expect("presigned PUT", "accepted", session.fetch(put, body=BODY))
    get = session.presign(f"{url}?response-content-type=text/x-note%3B%20a%3D%22b%20c%22")
    session.expect_body("presigned GET", BODY, session.fetch(get))
    refused(session, "presigned GET", get)
    refused(session, "presigned PUT", put, body=b"other")
    delete = dataclasses.replace(get, method="DELETE")
    session.expect("presigned GET with another method", REFUSED, session.fetch(delete))
    session.expect_body("presigned PUT: what is stored", BODY, session.call(url))

    note = "-H", "x-amz-meta-note: one  two"
    put = session.presign("-X", "PUT", *note, session.url("presigned/note"))
    session.expect("presigned PUT with a header", "accepted", session.fetch(put, body=b"x"))
    changed = {**put.headers, "x-amz-meta-note": "one three"}
    changed = dataclasses.replace(put, headers=changed)
    session.expect("presigned PUT, header changed", REFUSED, session.fetch(changed, body=b"y"))

    old = session.presign("--at", "20200101T000000Z", "--expires", "1h", url)
    session.expect("presigned GET, expired", "403 AccessDenied", session.fetch(old))


def refused(session, name, presigned, body=None):
    for what, changed in changes(presigned):
        answer = session.fetch(changed, body)
        session.expect(f"{name} with changed {what}", REFUSED, answer)


def changes(presigned):
    """Yields (what, presigned) with one character changed."""

    def changed(pattern, by):
        return dataclasses.replace(presigned, url=re.sub(pattern, by, presigned.url, count=1))

    yield "signature", changed(r"(?<=X-Amz-Signature=).", other_digit)
    yield "expiry", changed(r"(?<=X-Amz-Expires=)\d", other_digit)
    yield "path", changed(r"(?=\?)", "x")
    if "response-content-type" in presigned.url:
        yield "query", changed(r"(?<=response-content-type=)t", "v")


def other_digit(found):
    return "1" if found[0] != "1" else "2"
