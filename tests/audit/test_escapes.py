"""What is to be read in a bundle: nothing in it turns round what the eye sees."""

import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import verify_audit as independent
from tests.audit.both import agreed_on_bundle
from tests.audit.conftest import Tracker
from tests.cli.poison import unsafe
from tracker import escapes
from tracker.audit.bundle import contents

POISON = "good\u202edab\x85b\x9b2J\u2028c\U000e0041d"
READ_BY_EYE = (contents.EVENTS, contents.LOOKS, contents.PROTOCOLS, contents.ABOUT)


@pytest.fixture
def poisoned(patched: Tracker) -> Tracker:
    """A tracker in which an event, a look and a name hold what a terminal obeys."""
    patched.ok("void", "Ms-Miller", "patch", "--reason", POISON)
    patched.ok("--purpose", POISON, "show", "Ms-Miller")
    return patched


def raw(folder: Path) -> str:
    """Return what is in the files that are read by eye."""
    return "".join((folder / name).read_text("utf-8") for name in READ_BY_EYE)


@pytest.mark.parametrize("which", [("Ms-Miller",), ("--all",)])
def test_nothing_in_a_bundle_is_obeyed(
    poisoned: Tracker, which: tuple[str, ...], tmp_path: Path
) -> None:
    """It reads the same, and what is stored is there as it is stored."""
    out = tmp_path / "bundle"
    poisoned.ok("audit", "export", *which, "--unsigned", "--out", str(out))
    assert not unsafe(raw(out).replace("\n", ""))
    events = [json.loads(line) for line in (out / contents.EVENTS).read_text().splitlines()]
    assert any(POISON in json.dumps(event["event"], ensure_ascii=False) for event in events)
    looks = [json.loads(line) for line in (out / contents.LOOKS).read_text().splitlines()]
    assert any(look["look"].get("purpose") == POISON for look in looks)
    assert agreed_on_bundle(out).stands


def test_a_bundle_that_escapes_nothing_is_obeyed(
    poisoned: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin; and neither verifier takes it for a bundle."""
    monkeypatch.setattr(escapes, "OBEYED", re.compile("(?!)"))
    out = tmp_path / "bundle"
    poisoned.ok("audit", "export", "--all", "--unsigned", "--out", str(out))
    assert unsafe(raw(out).replace("\n", ""))
    monkeypatch.undo()
    assert {code for _, _, code in agreed_on_bundle(out).faults} == {"form"}


def test_both_escape_the_same_letters() -> None:
    """Each by its own list, over all there are."""
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert escapes.OBEYED.findall(every) == independent.ESCAPED.findall(every)


@given(st.text() | st.text(st.sampled_from(POISON)))
def test_what_is_escaped_says_the_same(text: str) -> None:
    """By both; and escaped again it stays as it is."""
    written = json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")
    one = escapes.escaped(written)
    assert one == independent.escaped(written) == escapes.escaped(one)
    assert json.loads(one.decode("utf-8", "surrogatepass")) == text
