"""Running the program as a process of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("tracker"))
"""The console script."""


def run(command: Sequence[str]) -> float:
    """Run a command with compiled bytecode and return the processor time it used, in seconds.

    Raises ValueError, with what it said, when it fails.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            raise ValueError(said.read().decode())
    return usage.ru_utime + usage.ru_stime
