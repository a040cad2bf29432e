"""Another urgent ground: whoever was told of the first is told again."""

import pytest

from tests.pathway.histories import at, in_order, status, when
from tests.pathway.owing import issue, owed_phases, owes_now
from tracker.pathway.issuing import next_action_at, owed

REVIEW = "complication-review"
SEIZURE = at("2026-02-02 08:00", "symptoms-recorded", id="s", present=["seizure"])
TOLD = SEIZURE + issue("2026-02-02 08:00", "open", "complication-review:s")
TOLD += issue("2026-02-02 08:01", "overdue", "complication-review:s")


def deficit(time, recorded=None, source="cli"):
    """Return another urgent finding."""
    return at(
        time,
        "symptoms-recorded",
        id="d",
        recorded=recorded,
        source=source,
        present=["neurological-deficit"],
    )


def test_another_ground_is_told_at_once():
    """A second danger sign while the review of the first is not done."""
    history = TOLD + deficit("2026-02-02 08:10")
    assert owed_phases(TOLD, "2026-02-02 08:10", REVIEW) == []
    assert owed_phases(history, "2026-02-02 08:10", REVIEW) == ["renewed"]
    assert next_action_at(status(history, "2026-02-02 08:10")) <= when("2026-02-02 08:10")


def test_it_is_told_once():
    """After that there is silence until the next level."""
    history = (
        TOLD
        + deficit("2026-02-02 08:10")
        + issue("2026-02-02 08:10", "renewed", "complication-review:s")
    )
    assert owed_phases(history, "2026-02-02 08:30:59", REVIEW) == []


def test_a_ground_that_is_recorded_late_is_told_when_it_is_known():
    """It arose before the last level was told, and nobody could know of it then."""
    climbed = TOLD + issue("2026-02-02 08:31", "escalated-1", "complication-review:s")
    climbed += issue("2026-02-02 10:01", "escalated-2", "complication-review:s")
    late = climbed + deficit("2026-02-02 09:00", recorded="2026-02-02 12:00")
    assert owed_phases(climbed, "2026-02-02 12:00", REVIEW) == []
    assert owed_phases(late, "2026-02-02 12:00", REVIEW) == ["renewed"]


def test_a_ground_of_the_same_instant_that_is_recorded_later_is_told():
    """Both were noted as of eight o'clock."""
    late = TOLD + deficit("2026-02-02 08:00", recorded="2026-02-02 08:20")
    assert owed_phases(late, "2026-02-02 08:20", REVIEW) == ["renewed"]


def test_the_same_sign_reported_again_is_told_again():
    """While nobody has acknowledged it, each report is a ground of its own."""
    again = at("2026-02-02 08:10", "symptoms-recorded", id="again", present=["seizure"])
    assert owed_phases(TOLD + again, "2026-02-02 08:10", REVIEW) == ["renewed"]


def test_it_stands_for_that_the_review_is_overdue_and_the_ladder_runs_from_it():
    """The second ground came before the tick that would have said overdue."""
    history = SEIZURE + issue("2026-02-02 08:00", "open", "complication-review:s")
    history += deficit("2026-02-02 08:00:30")
    [item] = owes_now(history, "2026-02-02 08:01", REVIEW)
    assert (item.phase, item.stands_for) == ("renewed", ("overdue",))
    history += issue("2026-02-02 08:01", "renewed", "complication-review:s")
    assert owed_phases(history, "2026-02-02 08:31", REVIEW) == ["escalated-1"]


def test_it_does_not_put_off_the_next_level():
    """The doctor on call is told half an hour after the first ground, not after the second."""
    history = TOLD + deficit("2026-02-02 08:20")
    history += issue("2026-02-02 08:20", "renewed", "complication-review:s")
    assert owed_phases(history, "2026-02-02 08:31", REVIEW) == ["escalated-1"]


def test_with_the_news_comes_the_level_that_is_owed_too():
    """They go to different people; after a tick that came late nothing is left for the next."""
    history = TOLD + deficit("2026-02-02 08:40")
    told = owes_now(history, "2026-02-02 08:41", REVIEW)
    assert [(item.phase, item.stands_for) for item in told] == [
        ("renewed", ()),
        ("escalated-1", ()),
    ]
    for item in told:
        history += issue("2026-02-02 08:41", item.phase, "complication-review:s")
    assert owed_phases(history, "2026-02-02 08:41", REVIEW) == []


def test_levels_that_were_told_are_told_again_of_the_new_ground():
    """Half an hour after the renewal, when nobody has acknowledged either."""
    history = TOLD + issue("2026-02-02 08:31", "escalated-1", "complication-review:s")
    history += deficit("2026-02-02 09:00")
    history += issue("2026-02-02 09:00", "renewed", "complication-review:s")
    assert owed_phases(history, "2026-02-02 09:29:59", REVIEW) == []
    assert owed_phases(history, "2026-02-02 09:30", REVIEW) == ["escalated-1"]
    history += issue("2026-02-02 09:30", "escalated-1", "complication-review:s")
    assert owed_phases(history, "2026-02-02 10:01", REVIEW) == ["escalated-2"]


def test_after_an_acknowledgement_another_ground_opens_another_review():
    """What was acknowledged is done; the new one is a reminder of its own."""
    seen = at("2026-02-02 08:05", "reminder-acknowledged", reminder="complication-review:s")
    history = TOLD + seen + deficit("2026-02-02 08:10")
    [item] = owes_now(history, "2026-02-02 08:10", REVIEW)
    assert (item.reminder.id, item.phase) == ("complication-review:d", "open")


@pytest.mark.parametrize(
    ("recorded", "skip"), [("2026-02-03 08:10", False), ("2026-02-03 08:11", True)]
)
def test_a_ground_that_an_import_brings_as_history_is_skipped_on_record(recorded, skip):
    """After a day it is history; within a day an interface may deliver it."""
    history = TOLD + deficit("2026-02-02 08:10", recorded, "import")
    now = when("2026-02-04 08:00")
    found = owed(status(history, now), now, in_order(history))
    assert [(o.phase, o.skip_reason is not None) for o in found if o.reminder.kind == REVIEW] == [
        ("renewed", skip),
        ("escalated-2", False),
    ]
