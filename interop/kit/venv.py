"""Virtual environments, made at the first run."""

import shutil
import subprocess
import sys

from kit import limits


def virtual_environment(cache, name, requirements):
    """The `bin` folder of one that has the requirements."""
    folder = cache / name
    made_for = "\n".join([sys.version, str(folder), *requirements])
    mark = folder / "made-for"
    if not mark.exists() or mark.read_text() != made_for:
        print("# installing", *requirements, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        run = {"check": True, "timeout": limits.INSTALL, "capture_output": True}
        subprocess.run([sys.executable, "-m", "venv", folder], **run)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "-q"]
        subprocess.run([*pip, *requirements], **run)
        mark.write_text(made_for)
    return folder / "bin"
