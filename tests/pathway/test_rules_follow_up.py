"""Rules about missed follow-up: overdue reviews, and closing before they are done."""

import pytest

from tests.pathway.histories import MICROSECOND, SECOND, at, opened, rules, status, when
from tests.pathway.leaking import LEAKING, finding, one, raised

OVERDUE, CLOSED = "follow-up-overdue", "closed-with-open-follow-up"
PATCHED = [*LEAKING, *at("2026-02-05 08:00", "blood-patch-performed", id="patch")]
EARLY = at("2026-02-06 12:00", "review-completed", id="e", review="early", outcome="improved")
MIDDLE = at("2026-02-16 12:00", "review-completed", id="m", review="intermediate")
LATE = at("2026-06-01 12:00", "review-completed", id="l", review="late", outcome="resolved")


@pytest.mark.rule("follow-up-overdue")
@pytest.mark.parametrize(
    ("done", "due", "review"),
    [
        ([], "2026-02-07 08:00:00.000000", "early-review"),
        (EARLY, "2026-02-19 23:59:59.999999", "intermediate-review"),
        ([*EARLY, *MIDDLE], "2026-08-05 08:00:00.000000", "late-review"),
    ],
)
def test_overdue_to_the_second(done, due, review):
    """Each review is overdue a moment after its due time, not at it."""
    line = [*PATCHED, *done]
    assert OVERDUE not in rules(status(line, due))
    for later in (MICROSECOND, SECOND):
        alert = one(line, when(due) + later, OVERDUE)
        assert (alert.severity, alert.since) == ("warning", when(due) + MICROSECOND)
        assert review in alert.text


@pytest.mark.rule("follow-up-overdue")
def test_overdue_ends_with_the_review():
    """The review, though late, ends it; acknowledging does not."""
    ack = at("2026-02-08 08:00", "alert-acknowledged", alert=OVERDUE)
    late = at("2026-02-09 08:00", "review-completed", review="early")
    assert one([*PATCHED, *ack], "2026-02-09 07:00", OVERDUE).active
    assert one([*PATCHED, *ack, *late], "2026-02-09 09:00", OVERDUE).until == when(
        "2026-02-09 08:00"
    )


@pytest.mark.rule("follow-up-overdue")
@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("patient-transferred", {}),
        ("lost-to-follow-up", {}),
        ("patient-died", {}),
        ("blood-patch-performed", {"guidance": "ct"}),
        ("reminder-waived", {"reminder": "early-review", "reason": "seen elsewhere"}),
    ],
)
def test_overdue_not_when_suspended_or_cancelled(topic, fields):
    """Suspended, superseded, waived or cancelled, a review is not overdue."""
    line = [*PATCHED, *at("2026-02-08 08:00", topic, **fields)]
    assert OVERDUE in rules(status(line, "2026-02-08 07:59"))
    assert OVERDUE not in rules(status(line, "2026-02-08 08:00"))


@pytest.mark.rule("follow-up-overdue")
def test_other_reminders_are_no_follow_up():
    """Only the three reviews count: an overdue patch decision is none."""
    assert OVERDUE not in rules(status(LEAKING, "2026-03-01 08:00"))


@pytest.mark.rule("follow-up-overdue")
def test_each_review_has_its_own_alert():
    """Two reviews overdue are two alerts."""
    assert len(raised(PATCHED, "2026-03-01 08:00", OVERDUE)) == 2


@pytest.mark.rule("closed-with-open-follow-up")
@pytest.mark.parametrize("outcome", ["resolved", "transferred", "lost", "other"])
def test_closed_with_owed_reviews(outcome):
    """Closed while a review is scheduled, open or overdue is a warning (A20)."""
    for now in ("2026-02-05 12:00", "2026-02-06 10:00", "2026-02-08 08:00"):
        line = [*PATCHED, *at(now, "episode-closed", id="end", outcome=outcome, reason="r")]
        alert = one(line, now, CLOSED)
        assert (alert.severity, alert.active, alert.because) == ("warning", True, ("end",))


@pytest.mark.rule("closed-with-open-follow-up")
@pytest.mark.parametrize("outcome", ["died", "excluded"])
def test_closing_that_cancels_reviews(outcome):
    """Closing with outcome died or excluded cancels the reviews: nothing is open."""
    line = [*PATCHED, *at("2026-02-08 08:00", "episode-closed", outcome=outcome)]
    assert not raised(line, "2026-02-09 08:00", CLOSED)


@pytest.mark.rule("closed-with-open-follow-up")
def test_closed_with_everything_done():
    """Closed with every review done raises nothing."""
    line = [*PATCHED, *EARLY, *MIDDLE, *LATE]
    line += at("2026-06-02 08:00", "episode-closed", outcome="resolved")
    assert not raised(line, "2026-06-03 08:00", CLOSED)


@pytest.mark.rule("closed-with-open-follow-up")
def test_closed_without_reviews():
    """An episode that owes no review may be closed."""
    line = [*opened("UTC"), *at("2026-02-08 08:00", "episode-closed", outcome="other")]
    assert not raised(line, "2026-02-09 08:00", CLOSED)


@pytest.mark.rule("closed-with-open-follow-up")
def test_closed_until_the_episode_is_back():
    """It ends when the episode is reopened, or comes back by a clinical fact."""
    line = [*PATCHED, *at("2026-02-08 08:00", "episode-closed", reason="r")]
    for back in (
        at("2026-02-09 08:00", "episode-reopened"),
        finding("2026-02-09 08:00", posture="none"),
    ):
        assert one([*line, *back], "2026-02-09 07:59:59", CLOSED).active
        assert not one([*line, *back], "2026-02-09 08:00:00", CLOSED).active


@pytest.mark.rule("closed-with-open-follow-up")
def test_late_entered_review_ends_it():
    """A review that was done before the closing, and is entered after it, settles the matter."""
    line = [*PATCHED, *EARLY, *MIDDLE]
    line += at("2026-06-02 08:00", "episode-closed", id="end", reason="r")
    late = at("2026-06-01 12:00", "review-completed", review="late", recorded="2026-06-09 08:00")
    known = status([*line, *late], "2026-06-08 08:00", known_at="2026-06-08 08:00")
    assert CLOSED in rules(known)
    assert CLOSED not in rules(status([*line, *late], "2026-06-10 08:00"))
