"""An answer, and the few words that it is compared by."""

import dataclasses
import re

CODE = re.compile(
    rb"<Code>([^<]*)</Code>"
    rb'|"(?:__type|code|Code)" *: *"(?:[^"]*#)?([^"]*)"'
    rb'|"(?:message|Message)" *: *"([^"]{0,60})'
)


@dataclasses.dataclass
class Answer:
    """Status 0 is none at all."""

    status: int
    headers: dict
    body: bytes

    def words(self):
        """`accepted`, or status and error code, such as `403 SignatureDoesNotMatch`."""
        if 200 <= self.status < 300:
            return "accepted"
        found = CODE.search(self.body)
        code = next((it for it in found.groups() if it is not None), b"") if found else b""
        return f"{self.status} {code.decode(errors='replace')}".strip()

    def detail(self):
        return f"{self.status} {self.body[:600]!r}"
