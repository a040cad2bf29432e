"""Every window of section 5 to the second: scheduled, open, due, overdue."""

import datetime

import pytest

from tests.pathway.histories import SECOND, at, owes, reminder, status, when

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
START = "2026-02-02 08:00"
HEADACHE = at(START, "headache-assessed", posture="orthostatic")
MANAGED = at(START, "conservative-management-started")
PATCH = at(START, "blood-patch-performed")
REST = at(START, "bed-rest-started")


def months(number):
    """Return how long after the start a number of months is over."""
    return when(START).replace(month=2 + number) - when(START)


WINDOWS = [
    ("wound-examination", at(START, "leak-suspected"), 0 * HOUR, 24 * HOUR),
    ("thromboprophylaxis-decision", REST, 0 * HOUR, 24 * HOUR),
    ("bed-rest-review", REST, 72 * HOUR, 72 * HOUR),
    ("patch-decision", HEADACHE + MANAGED, 72 * HOUR, 72 * HOUR),
    ("observation-end", PATCH, 2 * HOUR, 24 * HOUR),
    ("early-review", PATCH, 24 * HOUR, 48 * HOUR),
    ("early-review", at(START, "embolization-performed"), 24 * HOUR, 48 * HOUR),
    ("intermediate-review", PATCH, 10 * DAY, 15 * DAY - 8 * HOUR),
    ("late-review", PATCH, months(3), months(6)),
    ("late-review", at(START, "headache-assessed", posture="none"), months(3), months(6)),
    ("late-review", MANAGED, months(3), months(6)),
    ("activity-restrictions", PATCH, 28 * DAY, 42 * DAY),
]
AT_ONCE = [
    ("pattern-assessment", at(START, "leak-suspected"), 0 * HOUR),
    ("pattern-assessment", at(START, "headache-assessed", posture="unknown"), 0 * HOUR),
    ("conservative-start", HEADACHE, 0 * HOUR),
    ("imaging", at(START, "headache-assessed", posture="non-positional"), 0 * HOUR),
    ("complication-review", at(START, "symptoms-recorded", present=["seizure"]), 0 * HOUR),
]
_LAST = {"intermediate-review": datetime.timedelta(microseconds=1)}
"""What the last instant in time falls short of the end of the day."""


def _marked(cases):
    return [pytest.param(*case, marks=pytest.mark.reminder(case[0])) for case in cases]


@pytest.mark.parametrize(("kind", "history", "opens", "due"), _marked(WINDOWS))
def test_a_window_to_the_second(kind, history, opens, due):
    """Scheduled before the opening, open from it until the due time, overdue a second later."""
    opening = when(START) + opens
    last = when(START) + due - _LAST.get(kind, 0 * SECOND)
    if opens:
        assert owes(status(history, opening - SECOND))[kind] == "scheduled"
    assert owes(status(history, opening))[kind] == "open"
    assert owes(status(history, last))[kind] == "open"
    assert owes(status(history, last + SECOND))[kind] == "overdue"


@pytest.mark.parametrize(("kind", "history", "opens"), _marked(AT_ONCE))
def test_what_is_due_at_once_is_overdue_a_second_later(kind, history, opens):
    """A window without width is open at its instant alone."""
    assert owes(status(history, when(START) + opens))[kind] == "open"
    assert owes(status(history, when(START) + opens + SECOND))[kind] == "overdue"
    assert reminder(status(history, START), kind).due_at == when(START)


SETTLED = [
    ("observation-end", PATCH, 2 * HOUR, ("patient-mobilized", {})),
    ("early-review", PATCH, 24 * HOUR, ("review-completed", {"review": "early"})),
    ("intermediate-review", PATCH, 10 * DAY, ("review-completed", {"review": "intermediate"})),
    ("late-review", PATCH, months(3), ("review-completed", {"review": "late"})),
    ("patch-decision", HEADACHE + MANAGED, 72 * HOUR, ("blood-patch-declined", {})),
    ("patch-decision", HEADACHE + MANAGED, 72 * HOUR, ("blood-patch-deferred", {})),
    (
        "activity-restrictions",
        PATCH,
        28 * DAY,
        ("review-completed", {"review": "intermediate", "restrictions": "lifted"}),
    ),
]


@pytest.mark.parametrize(("kind", "history", "opens", "event"), _marked(SETTLED))
def test_only_what_happens_from_the_opening_on_settles(kind, history, opens, event):
    """One second before the opening settles nothing; at the opening it does."""
    topic, fields = event
    opening = when(START) + opens
    early = history + at(opening - SECOND, topic, **fields)
    assert owes(status(early, opening))[kind] == "open"
    assert kind not in owes(status(history + at(opening, topic, **fields), opening))


LATE = [
    ("wound-examination", at(START, "leak-suspected"), 24 * HOUR, ("wound-examined", {})),
    (
        "thromboprophylaxis-decision",
        REST,
        24 * HOUR,
        ("thromboprophylaxis-decided", {"decision": "withheld"}),
    ),
    ("bed-rest-review", REST, 72 * HOUR, ("bed-rest-ended", {})),
    ("observation-end", PATCH, 24 * HOUR, ("patient-discharged", {})),
    ("early-review", PATCH, 48 * HOUR, ("review-completed", {"review": "early"})),
    ("late-review", PATCH, months(6), ("review-completed", {"review": "late"})),
    ("patch-decision", HEADACHE + MANAGED, 72 * HOUR, ("blood-patch-performed", {})),
]


@pytest.mark.parametrize(("kind", "history", "due", "event"), _marked(LATE))
def test_what_comes_after_the_due_time_is_done_late(kind, history, due, event):
    """At the due time it is done, one second after it done late."""
    topic, fields = event
    for instant, expected in ((due, "done"), (due + SECOND, "done-late")):
        act = at(when(START) + instant, topic, id="settling", **fields)
        first = next(
            r
            for r in status(history + act, when(START) + instant).reminders
            if r.kind == kind and r.anchor == history[-1].id
        )
        assert (first.status, first.settled_by) == (expected, "settling")


@pytest.mark.reminder("imaging")
@pytest.mark.stage("persistent")
def test_failure_is_judged_at_24_hours_to_the_second():
    """Persistent at I + 24 h, not a second before; imaging is asked for in that instant."""
    history = PATCH + at("2026-02-02 12:00", "headache-assessed", posture="orthostatic")
    before, then = when(START) + 24 * HOUR - SECOND, when(START) + 24 * HOUR
    assert status(history, before).stage == "post-patch"
    assert "imaging" not in owes(status(history, before))
    assert status(history, then).stage == "persistent"
    assert owes(status(history, then))["imaging"] == "open"


@pytest.mark.reminder("specialist-referral")
@pytest.mark.stage("referral")
def test_referral_is_asked_for_24_hours_after_the_second_intervention():
    """Referral at I + 24 h of the second intervention, not a second before."""
    history = (
        at("2026-01-20 08:00", "blood-patch-performed")
        + PATCH
        + at("2026-02-02 12:00", "headache-assessed", posture="orthostatic")
    )
    then = when(START) + 24 * HOUR
    assert "specialist-referral" not in owes(status(history, then - SECOND))
    assert owes(status(history, then))["specialist-referral"] == "open"
    assert owes(status(history, then + SECOND))["specialist-referral"] == "overdue"


@pytest.mark.stage("post-patch")
@pytest.mark.stage("follow-up")
def test_the_watch_after_a_patch_ends_after_48_hours():
    """Post-patch until I + 48 h, follow-up a second later."""
    assert status(PATCH, when(START) + 48 * HOUR).stage == "post-patch"
    assert status(PATCH, when(START) + 48 * HOUR + SECOND).stage == "follow-up"


@pytest.mark.stage("conservative")
@pytest.mark.stage("patch-due")
def test_the_patch_is_due_72_hours_after_management_began():
    """Conservative until C + 72 h, patch-due from then on."""
    history = HEADACHE + MANAGED
    assert status(history, when(START) + 72 * HOUR - SECOND).stage == "conservative"
    assert status(history, when(START) + 72 * HOUR).stage == "patch-due"


def test_the_end_of_an_embargo_changes_the_answer():
    """48 h after the breach the next steps no longer speak of it."""
    history = HEADACHE + MANAGED + at("2026-02-04 20:00", "dural-puncture-recorded")
    end = when("2026-02-06 20:00")
    assert status(history, end - HOUR).changes_at == end


def test_a_failure_after_the_closing_changes_the_answer():
    """The restrictions are suspended at I + 24 h although the stage is closed all along."""
    history = (
        PATCH
        + at("2026-02-02 12:00", "headache-assessed", posture="orthostatic")
        + at("2026-02-02 13:00", "reminder-waived", reminder="early-review", reason="away")
        + at("2026-02-02 13:00", "patient-discharged")
        + at("2026-02-02 13:00", "episode-closed", outcome="other", reason="moved")
    )
    failure = when(START) + 24 * HOUR
    assert status(history, failure - HOUR).changes_at == failure
    before, after = (status(history, t) for t in (failure - SECOND, failure))
    assert owes(before)["activity-restrictions"] == "scheduled"
    assert reminder(after, "activity-restrictions").status == "suspended"
