"""An HTTP/1.1 request as text, taken apart just enough to change it."""

import re


class Request:
    def __init__(self, raw):
        head, end, self.body = raw.partition(b"\r\n\r\n")
        self.line, *self.headers = head.split(b"\r\n")
        if not end or self.line.count(b" ") != 2 or not all(b":" in it for it in self.headers):
            raise ValueError(f"not an HTTP request: {raw[:1000]!r}")
        # A client that prints its request to a terminal may end it with a line break.
        length = self.header(b"content-length")
        self.body = self.body[: int(length or 0)]

    def header(self, name):
        for line in self.headers:
            key, _, value = line.partition(b":")
            if key.lower() == name.lower():
                return value.strip()
        return b""

    def bytes(self):
        return b"\r\n".join([self.line, *self.headers, b"", self.body])

    def signed_headers(self):
        found = re.search(rb"SignedHeaders=([^,\s]+)", self.header(b"authorization"))
        return found[1].split(b";") if found else []

    def copy(self):
        return Request(self.bytes())

    def with_header(self, name, change):
        copy = self.copy()
        for at, line in enumerate(copy.headers):
            key, _, value = line.partition(b":")
            if key.lower() == name.lower():
                copy.headers[at] = key + b":" + change(value)
        return copy

    def with_path(self, change):
        method, target, version = self.line.split(b" ")
        path, mark, query = target.partition(b"?")
        copy = self.copy()
        copy.line = b" ".join([method, change(path) + mark + query, version])
        return copy

    def with_query(self, change):
        method, target, version = self.line.split(b" ")
        path, mark, query = target.partition(b"?")
        copy = self.copy()
        copy.line = b" ".join([method, path + mark + change(query), version])
        return copy

    def with_body(self, body):
        copy = self.copy()
        copy.body = body
        return copy

    def without_authorization(self):
        copy = self.copy()
        copy.headers = [it for it in copy.headers if not it.lower().startswith(b"authorization:")]
        return copy
