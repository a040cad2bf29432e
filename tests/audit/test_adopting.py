"""`protocol adopt` of one episode: what would be other is seen before anything is recorded."""

import json
from pathlib import Path

import click
import pytest

from tests.audit.conftest import Tracker

NAME = "csf-leak-post-spine-surgery@1.north"
DRAFT = """
base = "csf-leak-post-spine-surgery@1"
version = "1.north"
title = "North"
[settings]
early_review_due_hours = 72
"""
ADOPT = ("protocol", "adopt", "Ms-Miller", NAME)
MOVED = "reminder early-review moved: due 2026-03-05 09:00 +00:00 -> due 2026-03-06 09:00 +00:00"


@pytest.fixture
def north(patched: Tracker, tmp_path: Path) -> Tracker:
    """The patched patient, and a protocol by which the early review is due a day later."""
    (tmp_path / "draft.toml").write_text(DRAFT)
    patched.ok("protocol", "add", str(tmp_path / "draft.toml"))
    return patched


def protocol(north: Tracker) -> str:
    """Return what judges the episode."""
    return str(north.json("show", "Ms-Miller")["protocol"])


@pytest.mark.parametrize("answer", [True, False])
def test_it_is_shown_before_it_is_asked(
    north: Tracker, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    """At a terminal it stands there when the question comes, and nothing is recorded yet."""
    said: list[str] = []
    stood: list[object] = []

    def asked(question: str, **_: object) -> bool:
        stood.append((question, list(said), protocol(north)))
        return answer

    monkeypatch.setattr("tracker.cli.protocol.one.say", said.append)
    monkeypatch.setattr("tracker.cli.asking.at_terminal", lambda: True)
    monkeypatch.setattr(click, "confirm", asked)
    own, name = protocol(north), north.json("show", "Ms-Miller")["episode"]
    assert north.run(*ADOPT).exit_code == (0 if answer else 4)
    told = [f"Would stand otherwise now in {name}:", f"  {MOVED}"]
    assert stood == [(f"Judge {name} by {NAME} from now on?", told, own)]
    assert protocol(north) == (NAME if answer else own)


def test_without_a_terminal_it_is_shown_and_refused(north: Tracker) -> None:
    """Nobody can be asked: --yes has to say so beforehand."""
    result = north.run(*ADOPT)
    assert (result.exit_code, result.stdout) == (4, "")
    assert MOVED in result.stderr
    assert "--yes says so beforehand" in result.stderr
    assert protocol(north) != NAME


def test_with_yes_stdout_holds_the_answer_alone(north: Tracker) -> None:
    """What would be other is on stderr, where no program reads."""
    result = north.run(*ADOPT, "--yes", "--format", "json")
    told = json.loads(result.stdout)
    assert (told["recorded"], told["event"]["event"]) == (True, "protocol-adopted")
    assert MOVED in result.stderr


def test_what_is_so_already_asks_nothing(north: Tracker) -> None:
    """Again there is nothing to record, nor to show."""
    north.ok(*ADOPT, "--yes")
    result = north.run(*ADOPT)
    assert (result.exit_code, MOVED in result.stderr) == (0, False)
    assert "Already true" in result.stdout


def test_that_nothing_would_be_other_is_said(north: Tracker, tmp_path: Path) -> None:
    """A version that changes words alone."""
    same = tmp_path / "same.toml"
    same.write_text('base = "csf-leak-post-spine-surgery@1"\nversion = "1.same"\ntitle = "Same"\n')
    north.ok("protocol", "add", str(same))
    words = ("protocol", "adopt", "Ms-Miller", "csf-leak-post-spine-surgery@1.same", "--yes")
    said = north.run(*words).stderr
    assert "Nothing that is owed or raised in E-" in said
    assert "would stand otherwise now." in said


def test_what_cannot_be_judged_can_be_moved(
    north: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another protocol may be what mends it, so that what is shown fails keeps nobody from it."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tracker.cli.protocol.one.simulate", fails)
    result = north.run(*ADOPT, "--yes")
    assert (result.exit_code, protocol(north)) == (0, NAME)
    assert "cannot be told: ZeroDivisionError" in result.stderr


def test_replay_and_diff_tell_why_a_protocol_was_adopted(north: Tracker) -> None:
    """As they do for a correction."""
    north.ok(*ADOPT, "--reason", "a trial of it", "--yes")
    assert "reason: a trial of it" in north.ok("audit", "replay", "Ms-Miller")
    told = north.ok("audit", "diff", "Ms-Miller", "--from", "2026-03-02 00:00")
    assert "reason: a trial of it" in told
