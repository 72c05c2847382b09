"""Bodies and metadata of all kinds: what comes back is what was sent."""

from kit.s3 import data


def check(session):
    for label, body in data.BODIES.items():
        for way in data.WAYS:
            upload(session, label, body, way)
        key, path = session.url(f"bodies/{data.slug(label)}"), session.scratch / "body"
        only = ("body", "signature") if body else ("signature",)
        session.changes(f"body {label}: PUT", "-T", str(path), key, only=only)
    for label, value in data.METADATA.items():
        metadata(session, label, value)


def upload(session, label, body, way):
    arguments, from_stdin = data.WAYS[way]
    name, url = f"body {label}, {way}", session.url(f"bodies/{data.slug(label)}")
    path = session.scratch / "body"
    path.write_bytes(body)
    arguments = [it.replace("FILE", str(path)) for it in arguments]
    answer = session.call(*arguments, url, stdin=body if from_stdin else b"")
    if session.expect(f"{name}: PUT", "accepted", answer):
        session.expect_body(f"{name}: GET", body, session.call(url))


def metadata(session, label, value):
    name, key = f"metadata {label}", f"metadata/{data.slug(label)}"
    header = "-H", f"x-amz-meta-note: {value}"
    session.expect(f"{name}: PUT", "accepted", session.put(key, b"x", *header))
    head = session.call("-I", session.url(key))
    kept = head.headers.get("x-amz-meta-note", b"").decode("latin-1")
    # A server may keep what is signed, in which runs of spaces are one.
    wanted = {value: "kept", " ".join(value.split()): "kept"}
    session.checks.expect(f"{name}: kept", "kept", wanted.get(kept, repr(kept)), head.detail())
    only = ("signed x-amz-meta-note",)
    session.changes(f"{name}: PUT", "-T", "-", *header, session.url(key), stdin=b"y", only=only)
