"""A server that takes signed requests only, for the tests of whatever signs."""
import os
import subprocess

import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "for-tests-only", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def signed_endpoint():
    """Its URL. It echoes what it received, and knows KEYS alone."""
    command = ["sigcurl", "serve", "--port", "0", "--log", "off"]
    server = subprocess.Popen(command, env={**os.environ, **KEYS}, stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        assert line.startswith("READY "), line
        yield line.removeprefix("READY ").strip()
    finally:
        server.terminate()
        server.wait(10)
