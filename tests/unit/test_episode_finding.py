"""Which event a person means."""

import pytest

from tests.pathway.histories import at, correct, void
from tests.unit.decisions import given, meta
from tracker import episode
from tracker.errors import NotFoundError

PATCH = at("2026-02-04 10:00", "blood-patch-performed", id="patch", volume_ml=20)
HEADACHE = at("2026-02-03 10:00", "headache-assessed", id="head", posture="orthostatic")
TAKEN = at("2026-02-05 09:00", "episode-assigned", id="who", to="bo")


def test_last_is_the_clinical_event_that_was_recorded_last() -> None:
    """What was recorded last counts, whenever it was true; what is about the record does not."""
    mended = correct("2026-02-05 10:00", "patch", volume_ml=18)
    history = given(PATCH, HEADACHE, TAKEN, mended)
    assert episode.find_event(history, "last").id == "head"


def test_last_passes_over_what_is_voided() -> None:
    """An event entered in error is not meant again."""
    history = given(PATCH, HEADACHE, void("2026-02-05 10:00", "head"))
    assert episode.find_event(history, "last").id == "patch"


def test_an_id_comes_before_the_word() -> None:
    """An event that a client called `last` is itself."""
    other = at("2026-02-02 10:00", "headache-assessed", id="last")
    assert episode.find_event(given(other, PATCH), "last").id == "last"


def test_last_of_nothing_is_not_found() -> None:
    """The opening of an episode is nothing clinical."""
    with pytest.raises(NotFoundError, match="nothing clinical"):
        episode.find_event(given(), "last")


def test_voiding_the_last_twice_under_one_id_is_already_true() -> None:
    """A repetition means what `last` meant the first time."""
    first = episode.void(given(PATCH, HEADACHE), "last", "typo", meta(id="mine"))
    after = given(PATCH, HEADACHE, void("2026-02-05 10:00", "head"))
    stored = episode.command.as_recorded(after[:-1], first[0])
    assert episode.void([*after[:-1], stored], "last", "typo", meta(id="mine")) == []


def test_an_import_means_no_event_by_the_word() -> None:
    """A file names what it corrects by its id."""
    with pytest.raises(NotFoundError):
        episode.void(given(PATCH), "last", "typo", meta(source="import"))


def test_the_listing_is_newest_first() -> None:
    """Each line has the id, what it is and when it was, as corrected."""
    moved = correct("2026-02-05 10:00", "patch", occurred_at="2026-02-04T08:00:00Z")
    with pytest.raises(NotFoundError) as refused:
        episode.find_event(given(HEADACHE, PATCH, moved), "nothing")
    lines = str(refused.value.hint).splitlines()
    assert lines[0] == "last, or one of these, newest first:"
    assert [line.split("  ")[1] for line in lines[1:4]] == [
        "event-corrected", "blood-patch-performed", "headache-assessed",
    ]  # fmt: skip
    assert lines[2].startswith("patch  blood-patch-performed  2026-02-04")
