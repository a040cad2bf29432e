"""The ladder: who is told next while nobody acknowledges what is overdue."""

import datetime

import pytest

from tests.pathway.histories import MICROSECOND, SECOND, at, correct, status, when
from tests.pathway.owing import DUE, EARLY, OPENS, PATCH, issue, owed_phases, owes_now
from tracker.pathway import builtin_protocol, parse_protocol
from tracker.pathway.issuing import next_action_at

SAID = when("2026-02-04 10:00")
LATE = PATCH + issue(OPENS, "open") + issue(SAID, "overdue")
FIRST, SECOND_LEVEL = SAID + datetime.timedelta(hours=8), SAID + datetime.timedelta(hours=24)
RESTRICTIONS_OPEN = when("2026-03-02 08:00")
SITE = """\
base = "csf-leak-post-spine-surgery@1"
version = "1-site"
"""


@pytest.mark.parametrize(
    ("now", "phases"),
    [
        (SAID, []),
        (FIRST - MICROSECOND, []),
        (FIRST, ["escalated-1"]),
        (SECOND_LEVEL - MICROSECOND, ["escalated-1"]),
        (SECOND_LEVEL, ["escalated-2"]),
    ],
)
def test_each_level_is_owed_from_when_it_was_said_to_be_overdue(now, phases):
    """Two hours after the due time it was said: the levels run from there."""
    assert owed_phases(LATE, now) == phases


def test_a_level_says_who_is_told():
    """The deputy first, then the site lead."""
    [first] = owes_now(LATE, FIRST)
    [second] = owes_now(LATE + issue(FIRST, "escalated-1"), SECOND_LEVEL)
    assert (first.level, first.to) == (1, "deputy coordinator")
    assert (second.level, second.to) == (2, "site lead")


def test_what_is_said_first_is_of_level_zero():
    """Opening and overdue go to the usual people."""
    [overdue] = owes_now(PATCH, DUE + SECOND)
    assert (overdue.level, overdue.to) == (0, None)


def test_a_level_stands_for_those_below():
    """After an outage only the highest level is told, and then there is nothing left."""
    [item] = owes_now(LATE, "2026-02-08 08:00")
    assert (item.phase, item.stands_for) == ("escalated-2", ("escalated-1",))
    assert owed_phases(LATE + issue("2026-02-08 08:00", "escalated-2"), "2026-03-08") == []


def test_before_it_was_said_to_be_overdue_there_is_no_level():
    """After an outage the usual people are told first."""
    assert owed_phases(PATCH, "2026-02-20 08:00") == ["overdue"]


def test_what_was_skipped_is_not_escalated():
    """Nobody was told, so nobody has failed to answer."""
    skipped = PATCH + issue(SAID, "overdue", topic="reminder-skipped")
    assert owed_phases(skipped, "2026-02-20 08:00") == []


ENDINGS = [
    at("2026-02-04 11:00", "reminder-acknowledged", reminder=EARLY),
    at("2026-02-04 11:00", "review-completed", review="early"),
    at("2026-02-04 11:00", "reminder-waived", reminder=EARLY, reason="seen"),
    at("2026-02-04 11:00", "patient-died"),
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_ladder_ends(ending):
    """Acknowledged after its due time, done, waived or cancelled: nobody else is told."""
    assert owed_phases(LATE + ending, "2026-02-20 08:00") == []


def test_an_acknowledgement_while_it_is_open_does_not_stop_the_ladder():
    """Whoever saw that it was open has not seen that it is overdue."""
    seen = at("2026-02-03 09:00", "reminder-acknowledged", reminder=EARLY)
    assert owed_phases(LATE + seen, FIRST) == ["escalated-1"]


def test_an_acknowledgement_stops_it_on_any_level():
    """After the first level was told, the second is not."""
    told = LATE + issue(FIRST, "escalated-1")
    seen = at(FIRST + SECOND, "reminder-acknowledged", reminder=EARLY)
    assert owed_phases(told + seen, "2026-02-20 08:00") == []


def test_a_due_time_that_moved_past_the_acknowledgement_lets_it_climb_again():
    """What was acknowledged was that it was late by the old due time."""
    history = (
        LATE
        + at("2026-02-04 11:00", "reminder-acknowledged", reminder=EARLY)
        + correct("2026-02-04 12:00", "patch", occurred_at="2026-02-02T20:00:00Z")
        + issue("2026-02-04 20:01", "overdue")
    )
    assert owed_phases(history, "2026-02-05 04:00") == []
    assert owed_phases(history, "2026-02-05 04:01") == ["escalated-1"]


def test_the_next_level_is_the_next_action():
    """The scheduler is asked back when the level is owed."""
    act = at("2026-02-02 08:00", "embolization-performed", id="patch")
    said = act + issue(OPENS, "open") + issue(SAID, "overdue")
    assert next_action_at(status(said, SAID)) == FIRST
    climbed = said + issue(FIRST, "escalated-1") + issue(SECOND_LEVEL, "escalated-2")
    assert next_action_at(status(climbed, SECOND_LEVEL)) == RESTRICTIONS_OPEN


@pytest.mark.parametrize("minutes", [30, 120])
def test_an_urgent_review_climbs_within_hours(minutes):
    """The doctor on call after half an hour, the site lead after two."""
    review = "complication-review:s"
    seizure = at("2026-02-02 08:00", "symptoms-recorded", id="s", present=["seizure"])
    said = seizure + issue("2026-02-02 08:01", "overdue", review)
    then = when("2026-02-02 08:01") + datetime.timedelta(minutes=minutes)
    before = owed_phases(said, then - SECOND, "complication-review")
    assert owed_phases(said, then, "complication-review") != before


def test_a_site_sets_its_own_ladder():
    """Of a kind that has none of its own, the ladder of the settings holds."""
    site = parse_protocol(
        SITE + '[settings]\nescalation = [{ after_hours = 1, to = "night desk" }]\n',
        builtin_protocol,
    )
    review = "intermediate-review:patch"
    said = PATCH + issue("2026-02-17 00:00", "overdue", review)
    assert owes_now(said, "2026-02-17 01:00", "intermediate-review") == []
    [item] = owes_now(said, "2026-02-17 01:00", "intermediate-review", site)
    assert (item.phase, item.to) == ("escalated-1", "night desk")


def test_a_kind_may_have_no_ladder():
    """The end of an observation is told once open and once overdue."""
    end = "observation-end:patch"
    said = PATCH + issue("2026-02-03 09:00", "overdue", end)
    assert owed_phases(said, "2026-02-03 20:00", "observation-end") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[settings]\nescalation = [{ after_hours = 4, to = "a" }, { after_hours = 4, to = "b" }]',
         r"settings\.escalation"),
        ("[reminders.imaging]\nescalation = [{ after_hours = 4, to = 'a' },"
         " { after_hours = 2, to = 'b' }]", r"reminders\.imaging\.escalation"),
        ("[reminders.imaging]\nescalation = [{ after_hours = 0, to = 'a' }]", r"after_hours"),
        ("[reminders.imaging]\nescalation = [{ after_hours = 1 }]", r"`to`"),
        ("[reminders.imaging]\nskip_after_hours = 0", r"skip_after_hours"),
    ],
)  # fmt: skip
def test_a_ladder_that_does_not_rise_is_refused(text, place):
    """A protocol file must name each level's delay, later than the one before, and who is told."""
    with pytest.raises(Exception, match=place):
        parse_protocol(f"{SITE}{text}\n", builtin_protocol)


def test_what_is_too_old_to_be_of_use_is_skipped_on_record():
    """The end of an observation a day after its due time; the review of the patch is still sent."""
    now = "2026-02-04 08:00:01"
    [end] = owes_now(PATCH, now, "observation-end")
    assert end.skip_reason == "more than 24 h after it was due it is of no use"
    assert owes_now(PATCH, "2026-02-04 08:00", "observation-end")[0].skip_reason is None
    assert owes_now(PATCH, now)[0].skip_reason is None
