"""Servers as processes: on a free port of this machine, and gone when the block is left."""

import contextlib
import os
import signal
import socket
import subprocess
import time

from kit import limits
from kit.checks import Failure


def free_ports(count):
    """Different ones that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


def free_port():
    return free_ports(1)[0]


@contextlib.contextmanager
def server(command, scratch, *, ready, environment=None, name=None, seconds=limits.START):
    """Runs the command until `ready()` and through the block. Its output goes to a file in `scratch`."""
    name = name or os.path.basename(command[0])
    log = scratch / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=scratch,
            env={"HOME": str(scratch), "PATH": os.environ["PATH"], **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + seconds
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        yield process
    finally:
        stop(process)


def listens(port):
    """Whether someone does on 127.0.0.1."""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


def stop(process):
    """Ends the process with all that it started: they share a process group."""
    for number in signal.SIGTERM, signal.SIGKILL:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(limits.STOP)
