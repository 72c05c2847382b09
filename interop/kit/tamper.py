"""Copies of a signed request with one byte changed, one for each part that is signed."""

import hashlib
import re


def tampered(request, *, host=False):
    """Yields (what, request).

    * Not `Content-Length`: a longer or shorter body is another HTTP message.
    * `Host` only on demand: where it chooses the API, another one is nobody's.
    """
    _, target, _ = request.line.split(b" ")
    yield "path", request.with_path(flip_end_of_path)
    if b"?" in target:
        yield "query value", request.with_query(flip_last)
        yield "query name", request.with_query(lambda query: flip(query[:1]) + query[1:])
    if request.body:
        body = flip_middle(request.body)
        # A request without the header signs what the server computes.
        yield "body", with_digest(request.with_body(body))
        if request.header(b"x-amz-content-sha256"):
            yield "body under the old hash", request.with_body(body)
    for name in request.signed_headers():
        if name == b"host" and not host or name == b"content-length":
            continue
        yield f"signed {name.decode()}", request.with_header(name, flip_last)
    yield "signature", request.with_header(b"authorization", flip_last)


def with_digest(request):
    """The hash header follows the body, if there is one: what is left wrong is the signature."""
    digest = hashlib.sha256(request.body).hexdigest().encode()
    return request.with_header(b"x-amz-content-sha256", lambda _: b" " + digest)


def flip_end_of_path(path):
    return path + b"x" if path.endswith(b"/") else path[:-1] + flip(path[-1:])


def flip_middle(body):
    at = re.search(rb"[0-9A-Za-z]", body[len(body) // 2 :])
    at = len(body) // 2 + at.start() if at else 0
    return body[:at] + flip(body[at : at + 1]) + body[at + 1 :]


def flip(byte):
    """Another byte of the same kind: no syntax error shall hide that the signature is wrong."""
    return b"%c" % (byte[0] - 1 if byte in b"9FYZfz~\xff" else byte[0] + 1)


def flip_last(value):
    """The last letter or digit changed, but not a date's Z; without any, the last character."""
    usual = [found.start() for found in re.finditer(rb"[0-9A-Ya-z]", value)]
    at = usual[-1] if usual else len(value) - 1
    return value[:at] + flip(value[at : at + 1]) + value[at + 1 :]
