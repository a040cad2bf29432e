"""The README of a bundle of an encrypted tracker: what its keys open, and how."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.audit.conftest import Tracker
from tests.audit.test_sealed import sealed
from tracker.audit.bundle import contents

__all__ = ["sealed"]


def opened(folder: Path, readme: str) -> list[str]:
    """Run what the README says to put into a file; return what it prints."""
    begin, end = readme.index("     import base64, json, struct"), len(readme)
    script = folder.parent / "opened.py"
    script.write_text(textwrap.dedent(readme[begin:end]))
    command = [sys.executable, "-I", str(script)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_what_is_sealed_is_opened_by_hand(sealed: Tracker, tmp_path: Path) -> None:
    """By the lines of the README, from the stored bytes and the keys alone."""
    out = tmp_path / "bundle"
    sealed.ok("audit", "export", "MRN-1", "--unsigned", "--out", str(out))
    events = [json.loads(line) for line in (out / contents.EVENTS).read_text().splitlines()]
    shown = [f"{event['position']} {json.dumps(event['event'])}" for event in events]
    (out / contents.EVENTS).write_text(
        "".join(json.dumps(event | {"event": None}) + "\n" for event in events)
    )
    assert opened(out, (out / contents.README).read_text()) == shown


def test_the_readme_says_what_the_keys_open(sealed: Tracker, tmp_path: Path) -> None:
    """The file is in the list of files, and that it opens every copy of the database."""
    out = tmp_path / "bundle"
    sealed.ok("audit", "export", "MRN-1", "--unsigned", "--out", str(out))
    assert (out / contents.KEYS).exists()
    told = " ".join((out / contents.README).read_text().split())
    assert "keys.jsonl only of an encrypted tracker" in told
    assert "can read that episode in every copy of the database" in told


def test_the_readme_lists_every_file_of_a_bundle(sealed: Tracker, tmp_path: Path) -> None:
    """Whatever is in it is explained."""
    out, key = tmp_path / "bundle", str(tmp_path / "key")
    sealed.ok("audit", "keygen", "--name", "ward", "--out", key)
    sealed.ok("audit", "export", "MRN-1", "--key", key, "--out", str(out))
    readme = (out / contents.README).read_text()
    assert [f.name for f in out.iterdir() if f.name not in readme and f.name != "README.txt"] == []
