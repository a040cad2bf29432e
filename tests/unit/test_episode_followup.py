"""Decisions on reminders and alerts: acknowledge, snooze, waive."""

import pytest

from tests.pathway.histories import at
from tests.unit.decisions import HOUR, NOW, given, judge, meta, record, told
from tracker import episode
from tracker.errors import NotFoundError, RefusedError, UsageError
from tracker.events import Recorded

SURGERY = at("2026-02-02 08:00", "surgery-performed", id="op", level="L4-L5")
EARLY = at("2026-02-03 08:00", "blood-patch-performed", id="patch", volume_ml=18)
PATCHED = given(SURGERY, EARLY)
DEFICIT = at("2026-02-04 08:00", "symptoms-recorded", id="s1", present=["neurological-deficit"])


def review(history: list[Recorded]) -> str:
    """Return the id of the early review that is owed."""
    return next(r.id for r in judge(history).reminders if r.kind == "early-review")


def test_a_kind_becomes_the_live_reminder() -> None:
    """What is stored is the reminder that is owed now."""
    events = episode.acknowledge(PATCHED, "early-review", meta(), judge)
    fields = {"reminder": review(PATCHED), "kind": "early-review"}
    assert told(events) == [("reminder-acknowledged", fields)]


def test_a_rule_becomes_the_alerts_that_are_active() -> None:
    """Whoever acknowledges a rule has seen what was there, not what a late entry brings."""
    events = episode.acknowledge(PATCHED, "patch-too-early", meta(), judge, note="seen")
    fields = {"alert": "patch-too-early:patch", "note": "seen"}
    assert told(events) == [("alert-acknowledged", fields)]


def test_each_active_alert_of_a_rule_is_acknowledged() -> None:
    """Two reports of a deficit are two alerts, acknowledged by one word."""
    history = given(
        at("2026-02-02 08:00", "symptoms-recorded", id="a", present=["neurological-deficit"]),
        at("2026-02-02 09:00", "symptoms-recorded", id="b", present=["neurological-deficit"]),
    )
    events = episode.acknowledge(history, "neurological-deficit", meta(), judge)
    assert [event.data.alert for event in events] == [
        "neurological-deficit:a",
        "neurological-deficit:b",
    ]


def test_when_acknowledged_by_the_same_person_it_is_already_true() -> None:
    """Seeing something twice is seeing it."""
    seen = at("2026-02-05 08:00", "alert-acknowledged", alert="patch-too-early")
    assert episode.acknowledge(given(SURGERY, EARLY, seen), "patch-too-early", meta(), judge) == []


def test_when_acknowledged_another_person_may_see_it_too() -> None:
    """Who saw it is on record for each person."""
    seen = at("2026-02-05 08:00", "reminder-acknowledged", reminder="early-review", actor="berta")
    events = episode.acknowledge(given(SURGERY, EARLY, seen), "early-review", meta(), judge)
    assert len(events) == 1


def test_new_grounds_are_acknowledged_anew_by_the_same_person() -> None:
    """A complication review that came back is owed, whoever saw what was there before."""
    seen = at("2026-02-04 09:00", "reminder-acknowledged", reminder="complication-review")
    again = at("2026-02-05 08:00", "symptoms-recorded", id="s2", present=["seizure"])
    history = given(SURGERY, DEFICIT, seen, again)
    assert len(episode.acknowledge(history, "complication-review", meta(), judge)) == 1


def test_an_unknown_name_lists_what_is_there() -> None:
    """Reminders that are owed and alerts that are active are named."""
    with pytest.raises(NotFoundError) as refused:
        episode.acknowledge(PATCHED, "early-revue", meta(), judge)
    assert "early-review" in str(refused.value.hint)
    assert "patch-too-early" in str(refused.value.hint)


def test_a_snooze_keeps_until() -> None:
    """A reminder is quiet until a time that is to come."""
    until = NOW + 24 * HOUR
    (event,) = episode.snooze(PATCHED, "early-review", until, None, meta(), judge)
    assert event.data.until == until


@pytest.mark.parametrize("until", [None, NOW, NOW - HOUR])
def test_a_snooze_without_a_time_to_come_is_refused(until: object) -> None:
    """Quiet until now, or until nobody says, is not quiet."""
    with pytest.raises(UsageError):
        episode.snooze(PATCHED, "early-review", until, None, meta(), judge)


WEEK = 168 * HOUR


def test_a_snooze_is_no_longer_than_the_site_allows() -> None:
    """What is refused says until when it may be, and what to type."""
    by = meta(longest_snooze=WEEK)
    assert len(episode.snooze(PATCHED, "early-review", NOW + WEEK, None, by, judge)) == 1
    with pytest.raises(RefusedError, match="for 7d at most, until 2026-02-13T09:00:00Z") as caught:
        episode.snooze(PATCHED, "early-review", NOW + WEEK + HOUR, None, by, judge)
    assert "--until +7d" in str(caught.value.hint)


def test_a_snooze_cannot_be_corrected_to_be_longer() -> None:
    """Nor recorded as an event; other fields of one that a file brought can be corrected."""
    long = at("2026-02-05 08:00", "reminder-snoozed", id="z", reminder="early-review",
              until="2026-04-07T09:00:00Z")  # fmt: skip
    history, by = given(SURGERY, EARLY, long), meta(longest_snooze=WEEK)
    later = {"until": "2026-03-07T09:00:00Z"}
    with pytest.raises(RefusedError, match="at most"):
        episode.correct(history, "z", later, "typed wrongly", by)
    with pytest.raises(RefusedError, match="at most"):
        record(PATCHED, "reminder-snoozed", by, reminder="early-review", **later)
    assert episode.correct(history, "z", {"reason": "leave"}, "left out", by)


def test_a_file_may_tell_of_a_long_snooze() -> None:
    """What was decided elsewhere is a fact."""
    until = {"until": "2026-12-07T09:00:00Z"}
    by = meta(source="import")
    assert record(PATCHED, "reminder-snoozed", by, reminder="early-review", **until)


def test_when_snoozed_the_same_snooze_is_already_true() -> None:
    """The same reminder until the same time needs no event."""
    until = NOW + 24 * HOUR
    quiet = at("2026-02-05 08:00", "reminder-snoozed", reminder="early-review",
               until="2026-02-07T09:00:00Z")  # fmt: skip
    history = given(SURGERY, EARLY, quiet)
    assert episode.snooze(history, "early-review", until, None, meta(), judge) == []


def test_a_waiver_asks_for_a_reason() -> None:
    """At the command line nothing is waived without saying why."""
    with pytest.raises(RefusedError, match="reason"):
        episode.waive(PATCHED, "early-review", None, meta(), judge)


def test_an_imported_waiver_is_accepted_as_told() -> None:
    """A kind in a file stays a kind: it means the live one at its time."""
    events = record(PATCHED, "reminder-waived", meta(source="import"), reminder="early-review")
    assert told(events) == [("reminder-waived", {"reminder": "early-review"})]


def test_when_waived_it_is_already_true() -> None:
    """Waiving what is waived needs no event, whether by id or by kind."""
    waived = at("2026-02-05 08:00", "reminder-waived", reminder="early-review", reason="left")
    history = given(SURGERY, EARLY, waived)
    for ref in (review(history), "early-review"):
        assert episode.waive(history, ref, "left", meta(), judge) == []


def test_when_done_the_kind_is_not_owed() -> None:
    """A kind means the live one; without one the last is named."""
    done = at("2026-02-04 12:00", "review-completed", review="early", outcome="improved")
    with pytest.raises(NotFoundError, match="no early-review is owed now; the last one is done"):
        episode.waive(given(SURGERY, EARLY, done), "early-review", "left", meta(), judge)


def test_when_over_the_rule_is_not_acknowledged() -> None:
    """An alert whose ground is gone asks nothing of anybody."""
    started = at("2026-02-05 08:00", "conservative-management-started")
    headache = at("2026-02-04 08:00", "headache-assessed", posture="orthostatic")
    history = given(headache, started)
    with pytest.raises(NotFoundError, match="no protocol-clock-missing alert is active"):
        episode.acknowledge(history, "protocol-clock-missing", meta(), judge)


def test_when_done_nothing_is_waived() -> None:
    """A review that was done is not owed."""
    done = at("2026-02-04 12:00", "review-completed", review="early", outcome="improved")
    history = given(SURGERY, EARLY, done)
    with pytest.raises(RefusedError, match="done"):
        episode.waive(history, review(history), "left", meta(), judge)


def test_a_waiver_sent_twice_is_already_true() -> None:
    """The same id and content adds nothing, by kind as by id."""
    (event,) = episode.waive(PATCHED, "early-review", "left", meta(id="w1"), judge)
    waived = at(
        event.occurred_at, "reminder-waived", id="w1", reason="left", kind="early-review",
        reminder=review(PATCHED),
    )  # fmt: skip
    history = given(SURGERY, EARLY, waived)
    for ref in ("early-review", review(PATCHED)):
        assert episode.waive(history, ref, "left", meta(id="w1"), judge) == []


def test_a_misspelled_reminder_is_named_as_it_was_meant() -> None:
    """The nearest thing that is owed comes first, then all of it by the shortest ids."""
    patch = "55e7d67e-ae6a-44a9-a89c-5bc7a0187b4d"
    history = given(SURGERY, at("2026-02-03 08:00", "blood-patch-performed", id=patch))
    with pytest.raises(NotFoundError) as refused:
        episode.snooze(history, "early-revew", NOW + HOUR, None, meta(), judge)
    first, listed = str(refused.value.hint).splitlines()
    assert first.startswith("did you mean early-review")
    assert "early-review:55e7d67e," in listed
    assert episode.acknowledge(history, "early-review:55e7d67e", meta(), judge)
