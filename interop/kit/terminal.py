"""bash on a terminal of its own: what a reader sees who types the commands one after the other."""

import os
import pty
import re
import select
import shlex
import signal
import subprocess
import termios
import time
from contextlib import suppress

from kit import limits
from kit.checks import Failure

MARK = "\x1e"
COLUMNS, LINES = 200, 50


class Terminal:
    def __init__(self, folder, environment):
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (LINES, COLUMNS))
        self.typed = folder / ".typed"
        self.shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with suppress(ProcessLookupError):
            os.killpg(self.shell.pid, signal.SIGKILL)
        self.shell.stdin.close()
        self.shell.wait(limits.STOP)
        os.close(self.master)

    def run(self, command, seconds=2 * limits.CALL):
        """What the command prints, both streams as they come. The shell's state stays: `$?`, variables, folder."""
        self.typed.write_text(command + "\n")
        # The mark comes by the same way as the output, hence after it.
        line = f"(exit $s); . {shlex.quote(str(self.typed))} </dev/null; s=$?; printf '\\036%s\\036' $s\n"
        self.shell.stdin.write(line.encode())
        self.shell.stdin.flush()
        text, deadline = b"", time.monotonic() + seconds
        while not re.search(rb"\x1e\d+\x1e", text):
            ready, _, _ = select.select([self.master], [], [], deadline - time.monotonic())
            if not ready:
                raise Failure(f"still running after {seconds} s: {command}")
            try:
                text += os.read(self.master, 65536)
            except OSError as error:
                raise Failure(f"the shell has gone: {command}") from error
        # The terminal puts a return before each newline, and HTTP has one of its own.
        return re.sub("\r+\n", "\n", text.decode(errors="replace")).partition(MARK)[0]
