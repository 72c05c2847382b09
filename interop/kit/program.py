"""What each program is from outside: its arguments, how it ends, its closing line."""

import argparse
import dataclasses
import json
import pathlib
import signal
import subprocess
import tempfile
import traceback

from kit import limits
from kit.checks import Checks, Failure
from kit.sigcurl import Sigcurl

HERE = pathlib.Path(__file__).resolve().parent.parent
SERVER = "# against "
SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


@dataclasses.dataclass
class Run:
    """What a program is given."""

    checks: Checks
    sigcurl: Sigcurl
    cache: pathlib.Path
    scratch: pathlib.Path

    @staticmethod
    def against(server):
        """Says which server it is, with its version: `all` reads this."""
        print(f"{SERVER}{server}", flush=True)


def run(doc, check):
    """Calls `check(Run)`, and returns the exit status: 0 only if checks were made and none failed."""
    options = arguments(doc).parse_args()
    stop_on_signals()
    checks = Checks()
    try:
        cache = options.cache.resolve()
        cache.mkdir(parents=True, exist_ok=True)
        program = options.sigcurl.resolve() if options.sigcurl else build()
        with tempfile.TemporaryDirectory(prefix="interop-") as scratch:
            scratch = pathlib.Path(scratch)
            check(Run(checks, Sigcurl(program, scratch), cache, scratch))
        checks.check_rules()
    except (OSError, subprocess.SubprocessError, Failure) as error:
        checks.record("set up", False, error_text(error))
    except KeyboardInterrupt:
        checks.record("run to the end", False, "interrupted")
    except Exception as error:  # a fault of this program must not look like a pass
        traceback.print_exc()
        checks.record("run to the end", False, repr(error))
    if not checks.passed + checks.failed:
        checks.record("check anything", False, "nothing was checked")
    print(f"{checks.passed} passed, {checks.failed} failed", flush=True)
    return int(checks.failed > 0)


def arguments(doc):
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sigcurl", nargs="?", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, default=HERE / ".cache")
    return parser


def stop_on_signals():
    for number in SIGNALS:
        signal.signal(number, interrupt)


def interrupt(*_):
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # from here on there is only cleaning up
    raise KeyboardInterrupt


def error_text(error):
    output = getattr(error, "stderr", None) or b""
    output = output if isinstance(output, str) else output.decode(errors="replace")
    return f"{error} {output.strip()[-1000:]}".strip()


def build():
    command = ["cargo", "build", "-q", "-p", "sigv4-cli", "--message-format=json"]
    done = subprocess.run(
        command, cwd=HERE.parent, stdout=subprocess.PIPE, timeout=limits.BUILD, check=True
    )
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "sigcurl":
            return pathlib.Path(message["executable"])
    raise Failure("cargo built no sigcurl")
