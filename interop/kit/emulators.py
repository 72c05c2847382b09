"""The emulators that more than one program starts."""

import contextlib
import os

from kit import wire
from kit.keys import environment_of
from kit.process import free_port, listens, server
from kit.venv import virtual_environment

MINISTACK = ["ministack==1.5.33", "cryptography==50.0.2", "boto3==1.43.106"]
CARGO_LAMBDA = ["cargo-lambda==1.9.2"]

# ministack never checks the signatures of this key.
ROOT = environment_of("AKIDROOT", "root-secret")


def version(requirements):
    return requirements[0].replace("==", " ")


@contextlib.contextmanager
def ministack(given, region, **more):
    """The port, and the `bin` folder of the Python that it runs in."""
    programs = virtual_environment(given.cache, "ministack", MINISTACK)
    port = free_port()
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "TMPDIR": str(given.scratch),
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # a second, fixed port on all interfaces
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_HOST": f"{region}.amazonaws.com",
        "MINISTACK_REGION": region,
        "PERSIST_STATE": "0",
        **ROOT,
        **more,
    }
    ready = lambda: answers(port)
    with server([programs / "ministack"], given.scratch, ready=ready, environment=environment):
        yield port, programs


def answers(port):
    request = b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    return wire.exchange(port, request).status == 200


@contextlib.contextmanager
def cargo_lambda(given):
    """The port. Its functions are whoever asks for their events."""
    programs = virtual_environment(given.cache, "cargo-lambda", CARGO_LAMBDA)
    port, project = free_port(), given.scratch / "project"
    (project / "src").mkdir(parents=True)
    # It wants a package to watch.
    manifest = '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2021"\n'
    (project / "Cargo.toml").write_text(manifest)
    (project / "src" / "main.rs").write_text("fn main() {}\n")
    command = [programs / "cargo-lambda", "lambda", "watch", "--only-lambda-apis"]
    command += ["-A", "127.0.0.1", "-P", str(port), "--manifest-path", project / "Cargo.toml"]
    environment = {**cargo_environment(), "CARGO_TARGET_DIR": str(project / "target")}
    ready = lambda: listens(port)
    with server(command, given.scratch, ready=ready, environment=environment):
        yield port


def cargo_environment():
    """Where the caller's cargo is: the emulator asks it about the package."""
    return {it: os.environ[it] for it in ("CARGO_HOME", "RUSTUP_HOME", "HOME") if it in os.environ}
