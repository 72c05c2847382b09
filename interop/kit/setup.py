"""Runs a program of `interop/setup` in the Python that has what it needs."""

import json
import pathlib
import subprocess

from kit import limits

SETUPS = pathlib.Path(__file__).resolve().parent.parent / "setup"


def set_up(python, name, port, keys, *more):
    """What was made; `keys` are good for everything, and for nothing but this."""
    environment = {"PATH": str(python.parent), "HOME": "/", **keys}
    done = subprocess.run(
        [python, SETUPS / name, str(port), *more],
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=limits.START + limits.CALL,
        check=True,
    )
    return json.loads(done.stdout)
