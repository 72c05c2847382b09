"""What every server with an S3 interface has to see.

Names of checks begin with their area (key, body, metadata, query), by which a server's rules find them.
"""

from kit.s3 import bodies, changes, keys, presigned, queries
from kit.s3.session import REFUSED, Server, Session

__all__ = ["REFUSED", "Server", "check"]


def check(run, server):
    first, *others = server.users.items()
    session = Session(run, server, *first)
    session.expect("bucket: make", "accepted", session.call("-X", "PUT", session.url()))
    keys.check(session)
    bodies.check(session)
    queries.check(session)
    changes.check(session)
    presigned.check(session)
    for user in others:
        other_user(Session(run, server, *user))


def other_user(session):
    """Someone whose keys come with a session token: a few checks of each kind."""
    who, key, body = session.who, "user/a b+é.bin", bytes(range(256))
    stored = session.put(key, body, "-H", "x-amz-meta-note: one  two")
    session.expect(f"{who}: PUT", "accepted", stored)
    session.expect_body(f"{who}: GET", body, session.call(session.url(key)))
    listed = session.call(session.url(query="list-type=2&prefix=user/a b"))
    session.expect(f"{who}: list", "accepted", listed)
    url = session.presign(session.url(key))
    session.expect_body(f"{who}: presigned GET", body, session.fetch(url))
    presigned.refused(session, f"{who}: presigned GET", url)
    session.changes(f"{who}: GET", session.url(key))
    session.changes(f"{who}: PUT", "-X", "PUT", "-d", "some text", session.url("user/tampered"))
    session.expect(f"{who}: DELETE", "accepted", session.call("-X", "DELETE", session.url(key)))
