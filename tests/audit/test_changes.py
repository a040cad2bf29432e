"""What differs between two statuses."""

from tests.pathway.histories import Recorded, at, correct, in_order, opened, status, void
from tracker.audit.changes import Change, changes

BASE = [
    *opened("UTC"),
    *at("2026-02-01 08:00", "surgery-performed", id="op"),
    *at("2026-02-02 08:00", "headache-assessed", id="head", posture="orthostatic"),
]
PATCH = at("2026-02-04 10:00", "blood-patch-performed", id="patch")


def between(
    before: list[Recorded], after: list[Recorded], *times: str
) -> dict[tuple[str, str], Change]:
    """Return the changes by name and how, between two histories at one or two times."""
    one, other = times[0], times[-1]
    first, second = status(in_order(before), one), status(in_order(after), other)
    return {(c.name, c.how): c for c in changes(first, second)}


def test_nothing_differs_from_itself() -> None:
    """A status has no changes against itself."""
    assert between(BASE, BASE, "2026-02-03 08:00") == {}


def test_without_a_before_all_that_stands_came() -> None:
    """The first step of a replay shows the stage, the leak and what is owed."""
    told = changes(None, status(BASE, "2026-02-03 08:00"))
    assert {c.name for c in told} >= {"stage", "leak", "conservative-start"}
    assert {c.how for c in told} == {"came"}


def test_a_patch_changes_the_stage_and_brings_reviews() -> None:
    """Stage with before and after; each reminder with where it is written."""
    told = between(BASE, BASE + PATCH, "2026-02-04 11:00")
    stage = told["stage", "changed"]
    assert (stage.before, stage.after) == ("assessment", "post-patch")
    review = told["early-review", "came"]
    assert (review.after, review.because, review.source) == (
        "scheduled", ("patch",), "L121 [1,2]",
    )  # fmt: skip


def test_a_corrected_time_moves_windows() -> None:
    """Old and new window are both told."""
    fixed = BASE + PATCH + correct("2026-02-04 20:00", "patch", occurred_at="2026-02-04T06:00:00Z")
    told = between(BASE + PATCH, fixed, "2026-02-04 21:00")
    text = told["early-review", "moved"].text
    assert text.index("2026-02-05T10:00:00Z") < text.index("2026-02-05T06:00:00Z")


def test_a_voided_patch_takes_its_reminders_away() -> None:
    """They are withdrawn, and the stage is what it was."""
    undone = BASE + PATCH + void("2026-02-04 20:00", "patch")
    told = between(BASE + PATCH, undone, "2026-02-04 21:00")
    assert told["early-review", "withdrawn"].after is None
    assert told["stage", "changed"].after == "assessment"


def test_time_alone_makes_a_reminder_overdue() -> None:
    """The same history at two times."""
    events = BASE + PATCH
    told = between(events, events, "2026-02-05 10:00", "2026-02-06 10:01")
    change = told["early-review", "changed"]
    assert (change.before, change.after) == ("open", "overdue")
    assert told["follow-up-overdue", "came"].text.startswith("follow-up-overdue: raised (warning)")


def test_an_acknowledged_alert_ends() -> None:
    """Who saw it, and that it has ended."""
    early = BASE + at("2026-02-02 20:00", "blood-patch-performed", id="patch")
    seen = early + at("2026-02-03 08:00", "alert-acknowledged", alert="patch-too-early")
    first, second = status(early, "2026-02-03 09:00"), status(seen, "2026-02-03 09:00")
    told = [(c.how, c.text) for c in changes(first, second) if c.name == "patch-too-early"]
    assert told == [
        ("ended", "patch-too-early: ended"),
        ("changed", "patch-too-early: seen by anna"),
    ]


def test_a_corrected_time_moves_an_alert() -> None:
    """Since when it stands, before and after, and what it says now."""
    breach = at("2026-02-03 08:00", "dural-puncture-recorded", id="lp")
    early = BASE + breach + PATCH
    fixed = early + correct("2026-02-04 20:00", "patch", occurred_at="2026-02-04T06:00:00Z")
    told = between(early, fixed, "2026-02-04 21:00")
    text = told["patch-too-early", "moved"].text
    assert text.index("2026-02-04T10:00:00Z") < text.index("2026-02-04T06:00:00Z")
    assert "22 h" in text
