"""sigcurl as a process, in an environment that holds what it is given and nothing of the caller's."""

import dataclasses
import json
import os
import re
import subprocess

from kit import limits
from kit.answer import Answer
from kit.checks import Failure
from kit.request import Request


class Sigcurl:
    def __init__(self, program, home):
        if not os.access(program, os.X_OK):
            raise Failure(f"{program} is not an executable")
        self.program, self.home = program, home

    def call(self, arguments, credentials, stdin=b"", command=()):
        """The answer that sigcurl got; status 0, with what sigcurl said, if none."""
        done = self.run([*command, "-s", "-S", "-i", *arguments], credentials, stdin)
        answer = parse(done.stdout)
        return answer or Answer(0, {}, done.stdout[:1000] + done.stderr)

    def dry_run(self, arguments, credentials, stdin=b"", command=()):
        """The request that sigcurl would send."""
        done = self.run([*command, "--dry-run", *arguments], credentials, stdin)
        if done.returncode != 0:
            raise ValueError(done.stderr.decode(errors="replace"))
        return Request(done.stdout)

    def presign(self, arguments, credentials):
        done = self.run(["presign", "--print-json", *arguments], credentials)
        try:
            return Presigned(**json.loads(done.stdout))
        except (ValueError, TypeError) as error:
            said = done.stderr.decode(errors="replace")
            raise Failure(f"presign printed no request: {error} {said}") from error

    def run(self, arguments, credentials, stdin=b""):
        # No proxy, profile or key of the caller may get in.
        environment = {
            "HOME": str(self.home),
            "PATH": os.environ.get("PATH", ""),
            "AWS_EC2_METADATA_DISABLED": "true",
            **credentials,
        }
        command = [self.program, *arguments]
        try:
            return subprocess.run(
                command, env=environment, input=stdin, capture_output=True, timeout=limits.CALL
            )
        except subprocess.TimeoutExpired:
            silent = f"silent for {limits.CALL} s".encode()
            return subprocess.CompletedProcess(command, 1, b"", silent)


@dataclasses.dataclass
class Presigned:
    """What `sigcurl presign --print-json` prints."""

    url: str
    method: str
    headers: dict
    expires: str
    expires_in: int


def parse(text):
    """The last head in what `-i` printed, and all behind it. Interim answers (1xx) come before it."""
    while True:
        head, end, body = text.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/[\d.]+ (\d{3})", head)
        if not status or not end:
            return None
        if not status[1].startswith(b"1"):
            break
        text = body
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    headers = {name.decode("latin-1").lower(): value.strip() for name, _, value in lines}
    return Answer(int(status[1]), headers, body)
