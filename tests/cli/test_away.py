"""What is recorded after an episode has left care, and why it stays away."""

import pytest

from tests.cli.conftest import Tracker

DRUG = ("record", "medication-started", "case-1", "--drug", "caffeine", "--id", "drug")


def stage_line(tracker: Tracker, *left: str, at: str) -> str:
    """Record how it left care on March 4, then a drug; return what is said of the stage."""
    tracker.ok("record", *left, "--at", "2026-03-04T08:00Z")
    told = tracker.ok(*DRUG, "--at", at).splitlines()
    return next(line for line in told if line.startswith("Stage:"))


@pytest.mark.parametrize(
    ("left", "why"),
    [
        (("patient-died", "case-1"), "stays closed: the patient died"),
        (("episode-closed", "case-1", "--outcome", "died"), "stays closed: the patient died"),
        (("patient-transferred", "case-1"), "stays transferred: only patient-readmitted brings"),
    ],
)
def test_what_comes_later_does_not_bring_it_back(
    episode: Tracker, left: tuple[str, ...], why: str
) -> None:
    """The answer says what keeps the episode away, not that nothing happened."""
    line = stage_line(episode, *left, at="2026-03-05T08:00Z")
    assert why in line
    assert "nothing clinical" not in line


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        (("episode-closed", "case-1", "--outcome", "lost", "--reason", "x"), "closed"),
        (("lost-to-follow-up", "case-1"), "lost"),
    ],
)
def test_what_was_earlier_does_not_bring_it_back(
    episode: Tracker, left: tuple[str, ...], stage: str
) -> None:
    """A late entry from before the closing leaves it closed, and is told to be the reason."""
    line = stage_line(episode, *left, at="2026-03-03T09:00Z")
    assert f"stays {stage}: this was not after it was {stage}" in line


def test_what_is_not_clinical_does_not_bring_it_back(episode: Tracker) -> None:
    """Handing over a closed episode does not open it."""
    episode.ok("record", "lost-to-follow-up", "case-1", "--at", "2026-03-04T08:00Z")
    assert "nothing clinical is known to have happened since" in episode.ok(
        "assign", "case-1", "bea"
    )
