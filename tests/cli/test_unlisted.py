"""An episode of which the read models know nothing is found, exported and not opened again."""

import json
from typing import Any

import pytest

from projections import writer
from tests.cli.conftest import Tracker
from tracker import judging

OPEN = ("open", "--patient", "MRN2", "--reference", "case-2", "--coordinator", "anna")


@pytest.fixture
def unlisted(episode: Tracker, monkeypatch: pytest.MonkeyPatch) -> Tracker:
    """Beside `case-1`, `case-2` whose rows could not be written when it was opened."""
    with monkeypatch.context() as patch:
        patch.setattr(writer, "add", None)
        assert episode.json(*OPEN)["incomplete"] is True
    return episode


def test_find(unlisted: Tracker) -> None:
    """It is found by what is written on the form."""
    assert [row["reference"] for row in unlisted.json("find", "MRN2")] == ["case-2"]


def test_open_for_the_same_patient(unlisted: Tracker) -> None:
    """A second episode of the patient is refused without a reason."""
    code, told = unlisted.refused("open", "--patient", "MRN2", "--reference", "other")
    assert (code, "--another" in told) == (4, True)


def test_open_under_the_same_reference(unlisted: Tracker) -> None:
    """The same opening once more opens no second episode."""
    unlisted.run(*OPEN)
    assert [row["reference"] for row in unlisted.json("find", "MRN2")] == ["case-2"]


def test_export_of_everything(unlisted: Tracker) -> None:
    """No episode is left out."""
    lines = map(json.loads, unlisted.ok("export", "--all").splitlines())
    assert {line["episode"] for line in lines} == {"case-1", "case-2"}


def test_calendar(unlisted: Tracker) -> None:
    """What it owes is in its coordinator's calendar."""
    unlisted.ok("record", "blood-patch-performed", "case-1", "--volume-ml", "20")
    before = unlisted.ok("calendar", "--coordinator", "anna").count("BEGIN:VEVENT")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "repair", None)
        unlisted.ok("record", "blood-patch-performed", "case-2", "--volume-ml", "20")
    after = unlisted.ok("calendar", "--coordinator", "anna").count("BEGIN:VEVENT")
    assert after > before > 0


def test_calendar_beside_one_that_cannot_be_evaluated(
    unlisted: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others' reminders stay, and it is said whose are missing."""
    evaluate = judging.evaluate

    def fail_for_one(events: Any, *more: Any) -> Any:
        if events[0].data.patient == "MRN2":
            raise ZeroDivisionError("a broken rule")
        return evaluate(events, *more)

    monkeypatch.setattr(judging, "evaluate", fail_for_one)
    result = unlisted.run("export", "--all", "--as", "ics")
    assert result.exit_code == 0
    assert "Left out:" in result.stderr
    assert "BEGIN:VEVENT" in result.stdout
