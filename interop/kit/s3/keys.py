"""Keys in all spellings: written, found under the right name, read, and removed."""

from kit.s3 import data, listing


def check(session):
    for label, written, key in data.KEYS:
        round_trip(session, label, written, key)


def round_trip(session, label, written, key):
    folder, body = f"keys-{data.slug(label)}", f"body of {label}".encode()
    name, url = f"key {label}", session.url(f"{folder}/{written}")
    stored = session.expect(f"{name}: PUT", "accepted", session.call("-T", "-", url, stdin=body))
    seen = listed(session, folder, key)
    session.checks.expect(f"{name}: its name in the list", "as meant", seen)
    if not stored:
        return
    session.expect_body(f"{name}: GET", body, session.call(url))
    head = session.call("-I", url)
    session.expect(f"{name}: HEAD", "accepted", head)
    length = head.headers.get("content-length", b"").decode()
    session.checks.expect(f"{name}: HEAD, length", str(len(body)), length)
    session.changes(f"{name}: GET", url, only=("path", "signature"))
    session.changes(f"{name}: DELETE", "-X", "DELETE", url, only=("path",), as_printed=False)
    session.expect(f"{name}: DELETE", "accepted", session.call("-X", "DELETE", url))
    session.expect(f"{name}: GET after DELETE", "404 NoSuchKey", session.call(url))


def listed(session, folder, key):
    answer = session.call(session.url(query=f"list-type=2&prefix={folder}/"))
    found = listing.keys(answer)
    if found == [f"{folder}/{key}"]:
        return "as meant"
    return f"{found}" if found else "not there"
