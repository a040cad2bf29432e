"""Console blocks of a document: their commands are run, and what they print is written below them.

A block opened with ```console holds lines `$ tracker ...`; an HTML comment `<!-- clock: T -->`
before it sets the time. Every block of a document works on the same data directory. Ids come from
a seeded source and the user has a made-up name, so that the same program prints the same document.
"""

import datetime
import os
import random
import re
import shlex
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from tracker.cli import main
from tracker.demonstration import Clock

_BLOCK = re.compile(r"^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_CLOCK = re.compile(r"<!-- clock: (?P<at>\S+) -->\s*\Z")
_USER = "mlopez"


@contextmanager
def _made_up() -> Iterator[None]:
    """Let ids, the short id and the user be the same at every run."""
    source = random.Random(20)  # noqa: S311 - ids of an example, not secrets

    def drawn() -> uuid.UUID:
        return uuid.UUID(int=source.getrandbits(128), version=4)

    with (
        mock.patch("uuid.uuid4", side_effect=drawn),
        mock.patch("tracker.appending.uuid4", side_effect=drawn),
        mock.patch("secrets.choice", source.choice),
        mock.patch("tracker.cli.session.login", return_value=_USER),
        mock.patch("platform.node", return_value="ward-server"),
    ):
        yield


def filled(text: str) -> str:
    """Return the document with what its commands print."""
    with tempfile.TemporaryDirectory() as folder, _made_up():
        home = Path(folder) / "tracker"
        clock = Clock(datetime.datetime(2026, 2, 2, 8, tzinfo=datetime.UTC))
        parts, end = [], 0
        for block in _BLOCK.finditer(text):
            before = text[end : block.start()]
            if (set_to := _CLOCK.search(before)) is not None:
                clock.at = datetime.datetime.fromisoformat(set_to["at"])
            parts += [before, "```console\n", _run(block["body"], home, clock), "```"]
            end = block.end()
        return "".join([*parts, text[end:]])


def _run(body: str, home: Path, clock: Clock) -> str:
    printed = []
    for line in body.splitlines():
        if not line.startswith("$ "):
            continue
        command = shlex.split(line[2:])
        if command[0] != "tracker":
            raise ValueError(f"only tracker commands are run: {line}")
        environment = {"TRACKER_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "100"}
        folder = Path.cwd()
        try:
            home.parent.mkdir(exist_ok=True)
            os.chdir(home.parent)
            result = CliRunner(env=environment).invoke(
                main, command[1:], obj=clock, prog_name="tracker"
            )
        finally:
            os.chdir(folder)
        if "the program has a fault" in result.output:
            raise ValueError(f"{line}: {result.output}")  # or it would stand in the document
        output = result.output.replace(str(home), "/srv/tracker")
        lines = [kept.rstrip() for kept in output.rstrip("\n").splitlines()]
        printed += [line, *lines, ""]
    return "\n".join(printed[:-1]) + "\n"
