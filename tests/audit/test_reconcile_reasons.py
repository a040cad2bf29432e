"""What was done to a record, or went wrong with it, is found once and for the right reason."""

import datetime
from collections.abc import Sequence

import msgspec
import pytest

from tests.audit.reminded import (
    Found,
    facts_of,
    findings,
    found,
    message,
    messages_of,
    napping,
    reminded,
    without,
)
from tests.pathway.histories import Recorded, at, correct, in_order, opened, void, when
from tests.pathway.observing import Observer
from tracker.audit.discrepancy import Finding
from tracker.audit.owing import is_issue
from tracker.store.silences import Silence

EARLY = "early-review:patch"
FACTS = [
    *opened("UTC", "2026-02-01 07:00"),
    *at("2026-02-01 08:00", "blood-patch-performed", id="patch"),
    *at("2026-02-01 10:00", "patient-mobilized"),
    *at("2026-02-02 12:00", "review-completed", review="early", outcome="resolved"),
]
NOW = when("2026-02-04 00:00")


def facts(*more: Recorded) -> list[Recorded]:
    """Return the facts with more of them, in the order of their recording."""
    return facts_of([*FACTS, *more])


def told(history: Sequence[Recorded], kind: str = "early-review", **asked: object) -> list[Finding]:
    """Return what is found of the reminders of a kind."""
    return [f for f in findings(history, now=NOW, **asked) if f.kind == kind]


def issue_of(history: Sequence[Recorded], reminder: str = EARLY) -> Recorded:
    """Return the first event of a scheduler about a reminder."""
    return next(e for e in history if is_issue(e) and e.data.reminder == reminder)


def why(found: Sequence[Finding]) -> list[Found]:
    """Return how and why."""
    return [(finding.how, finding.reason) for finding in found]


def test_where_all_went_well_nothing_is_found() -> None:
    """Neither by what was known nor by what is known."""
    history = reminded(FACTS)
    assert issue_of(history).recorded_at == when("2026-02-02 08:00")
    assert findings(history, now=NOW) == findings(history, now=NOW, as_known=True) == []


def test_a_late_entry_makes_a_reminder_late() -> None:
    """The patch was known seven hours after the review opened; the issue came at once."""
    late = [msgspec.structs.replace(FACTS[1], recorded_at=when("2026-02-02 11:00"))]
    (one,) = told(reminded(facts_of([FACTS[0], FACTS[3], *late])))
    assert (one.how, one.reason, one.because) == ("late", "late-entry", "patch")
    assert (one.owed_at, one.told_at) == (when("2026-02-02 08:00"), when("2026-02-02 11:00"))
    assert "patch, true at 2026-02-01 08:00Z, was recorded at 2026-02-02 11:00Z" in one.why


def test_what_was_done_before_it_was_known_makes_a_reminder_unneeded() -> None:
    """The review had been done when its reminder went out; that was entered a day later."""
    done = msgspec.structs.replace(
        FACTS[3], id="done", occurred_at=when("2026-02-02 09:00"),
        recorded_at=when("2026-02-03 13:00"),
    )  # fmt: skip
    (one,) = told(reminded(facts_of([*FACTS[:3], done])))
    assert (one.how, one.reason, one.because) == ("unneeded", "late-entry", "done")
    assert one.phases == ("overdue",)


def test_a_voided_patch_makes_its_reminders_wrong() -> None:
    """There was no patch, so nothing was owed."""
    gone = [*FACTS[:3], *void("2026-02-02 20:00", "patch")]
    (one,) = told(reminded(gone))
    assert (one.how, one.reason) == ("wrong", "void")
    assert "blood-patch-performed patch was voided" in one.why


def test_a_corrected_time_makes_a_reminder_wrong_and_late() -> None:
    """Issued for a window that was moved, then at the opening of the right one."""
    moved = correct("2026-02-02 10:00", "patch", occurred_at="2026-02-01T16:00:00Z")
    history = reminded([*FACTS[:3], *moved])
    assert why(told(history)) == [("wrong", "correction")]
    moved = correct("2026-02-02 10:00", "patch", occurred_at="2026-02-01T00:00:00Z")
    history = reminded([*FACTS[:3], *moved])
    assert why(told(history)) == [("late", "correction")]


VOIDED = [
    FACTS[0],
    FACTS[1],
    *at("2026-02-01 12:00", "reminder-waived", reminder=EARLY, reason="moved away", id="wrong"),
    *void("2026-02-02 20:00", "wrong"),
]
"""The reminder had been waived for another patient, so that nobody was told of it."""


def voided(asleep: str, awake: str) -> list[Finding]:
    """Return what is found where no scheduler ticked from `asleep` until `awake`."""
    sleep, wake = when(asleep), when(awake)
    history = napping(facts_of(VOIDED), sleep, wake)
    return told(history, silences=[Silence(sleep, wake)])


@pytest.mark.parametrize(
    ("asleep", "awake", "reason", "also"),
    [
        ("2026-02-02 06:00", "2026-02-02 19:00", "void", "outage"),
        ("2026-02-02 06:00", "2026-02-02 23:00", "void", "outage"),
        ("2026-02-02 19:00", "2026-02-03 10:00", "outage", "void"),
        ("2026-02-02 07:56", "2026-02-02 08:04", "void", None),
        ("2026-02-01 23:00", "2026-02-02 07:30", "void", None),
    ],
)
def test_both_reasons_are_named(asleep: str, awake: str, reason: str, also: str | None) -> None:
    """A void and an outage: what cost more time is the reason, the other stands beside it."""
    (one,) = voided(asleep, awake)
    assert (one.how, one.reason, one.also, one.because is not None) == ("late", reason, also, True)
    assert "reminder-waived wrong was voided" in one.why
    assert ("no scheduler ticked" in one.why) == (also is not None)


def ticking(recorded: Sequence[Recorded], *instants: str) -> list[Recorded]:
    """Return the history with what a scheduler put on record that ticked at these instants."""
    observer = Observer(list(facts_of(recorded)))
    for instant in instants:
        observer.tick(when(instant))
    return in_order([*observer.known, *observer.arriving])


TWO_GROUNDS = [
    *opened("UTC", "2026-02-01 07:00"),
    *at("2026-02-02 02:00", "symptoms-recorded", id="first", present=["diplopia"]),
    *at("2026-02-02 02:10", "headache-assessed", id="second", posture="non-positional"),
    *void("2026-02-03 09:00", "first"),
]
"""Imaging was owed on two grounds, and the first of them was entered for another patient."""
QUIET = Silence(when("2026-02-03 02:00"), when("2026-02-03 09:05"))


def of_imaging(*instants: str) -> list[Finding]:
    """Return what is found of imaging where a scheduler ticked at these instants alone."""
    history = ticking(TWO_GROUNDS, *instants)
    found = findings(history, now=when("2026-02-03 09:06"), silences=[QUIET])
    return [f for f in found if f.kind == "imaging" and f.reminder.endswith("second")]


def test_what_lost_its_ground_is_not_still_owed() -> None:
    """The ladder stood on what was withdrawn; a tick now would issue no step of it."""
    of_outage = [f for f in of_imaging("2026-02-02 02:11", "2026-02-03 09:05") if f.how != "late"]
    (missing,) = [f for f in of_outage if f.how == "missing"]
    assert (missing.phases, missing.reason, missing.lasts) == (("escalated-1",), "outage", False)
    assert missing.until == when("2026-02-03 09:00")
    assert missing.why.endswith("then what was said before it had lost its ground")


def test_what_a_tick_would_issue_comes_last() -> None:
    """Also where what had been said lost its ground, so that an earlier phase is owed again."""
    found = findings(
        ticking(TWO_GROUNDS, "2026-02-02 02:11"),
        now=when("2026-02-03 10:00"),
        silences=[Silence(when("2026-02-02 02:11"), when("2026-02-03 10:00"), lasts=True)],
    )
    (owed,) = [f for f in found if f.kind == "wound-examination" and f.lasts]
    assert owed.phases == ("open", "overdue")


def test_what_is_said_again_on_another_ground_is_unneeded() -> None:
    """People had been told of the task, and the reminder was there: it is not wrong."""
    (again,) = [f for f in of_imaging("2026-02-02 02:11", "2026-02-03 09:05") if f.because]
    assert (again.how, again.reason, again.phases) == ("unneeded", "void", ("overdue",))
    assert again.why.endswith("it was said again on another ground")


def test_a_voided_import_is_no_reason() -> None:
    """The task rests on a review since; what was skipped as history was not of that."""
    recorded = [
        *(imported(e) for e in opened("UTC", "2026-02-01 07:00")),
        *(imported(e) for e in at("2026-02-01 08:00", "headache-assessed", id="head")),
        *at("2026-02-03 07:00", "review-completed", id="seen", review="early", outcome="worse"),
        *correct("2026-02-03 07:10", "seen", occurred_at="2026-02-02 12:00:00Z"),
        *void("2026-02-03 07:20", "head"),
    ]
    history = ticking(recorded, "2026-02-03 06:00", "2026-02-03 07:05")
    silent = Silence(when("2026-02-03 07:05"), when("2026-02-03 12:00"), lasts=True)
    found = findings(history, now=when("2026-02-03 12:00"), silences=[silent])
    left_out, owed = [f for f in found if f.kind == "wound-examination"]
    assert (left_out.reminder, left_out.reason) == ("wound-examination:seen", "void")
    assert "skipped on record at 2026-02-03 06:00Z" in left_out.why
    assert (owed.reminder, owed.reason, owed.lasts) == ("wound-examination:seen", "outage", True)


def imported(event: Recorded) -> Recorded:
    """Return an event as an import of the third day brought it."""
    arrived = when("2026-02-03 06:00")
    return msgspec.structs.replace(event, source="import", recorded_at=arrived)


def test_what_was_overdue_when_it_was_imported_is_missing() -> None:
    """It was skipped on record, since it was history."""
    old = [
        msgspec.structs.replace(e, source="import", recorded_at=when("2026-02-03 20:00"))
        for e in FACTS[:2]
    ]
    (one,) = told(reminded(old))
    assert (one.how, one.reason) == ("missing", "imported-history")
    assert "skipped on record" in one.why


def test_what_came_too_late_to_be_of_use_was_left_out_by_policy() -> None:
    """The end of an observation that was over is skipped, with the reason."""
    late = msgspec.structs.replace(FACTS[1], recorded_at=when("2026-02-03 20:00"))
    (one,) = told(reminded([FACTS[0], late]), "observation-end")
    assert (one.how, one.reason, one.because) == ("missing", "policy", "patch")
    assert "of no use" in one.why


def test_by_what_was_known_none_of_this_is_found() -> None:
    """Nobody could have done better."""
    late = msgspec.structs.replace(FACTS[1], recorded_at=when("2026-02-03 20:00"))
    histories = [
        reminded([FACTS[0], late]),
        reminded([*FACTS[:3], *void("2026-02-02 20:00", "patch")]),
        reminded([*FACTS, *correct("2026-02-03 10:00", "patch", volume_ml=18)]),
    ]
    assert [findings(history, now=NOW, as_known=True) for history in histories] == [[], [], []]


def planted(history: Sequence[Recorded], **fields: object) -> list[Recorded]:
    """Return the history with one more event of a scheduler, the day before the review opens."""
    made = at("2026-02-01 20:00", "reminder-issued", id="planted", source="scheduler", **fields)
    return in_order(sorted([*history, *made], key=lambda e: e.recorded_at))


def test_what_was_not_owed_is_a_fault() -> None:
    """The window had not opened."""
    history = planted(reminded(FACTS), reminder=EARLY, kind="early-review", phase="open")
    wrong = [f for f in findings(history, as_known=True, now=NOW) if f.event == "planted"]
    assert why(wrong) == [("wrong", "fault")]
    assert "to open at 2026-02-02 08:00Z" in wrong[0].why


def test_what_nothing_stands_for_is_a_fault() -> None:
    """There is no such reminder."""
    history = planted(reminded(FACTS), reminder="imaging:head", kind="imaging", phase="open")
    (wrong,) = [f for f in findings(history, as_known=True, now=NOW) if f.event == "planted"]
    assert (wrong.how, wrong.reason) == ("wrong", "fault")


def test_what_was_issued_twice_is_unneeded() -> None:
    """The second time, by a fault."""
    history = reminded(FACTS)
    again = msgspec.structs.replace(issue_of(history), id="again")
    place = history.index(issue_of(history)) + 1
    twice = in_order([*history[:place], again, *history[place:]])
    assert why(told(twice, as_known=True)) == [("unneeded", "fault")]


def test_what_was_skipped_for_nothing_is_missing() -> None:
    """It was still of use."""
    history = reminded(FACTS)
    issued = issue_of(history)
    fields = {"reminder": EARLY, "phase": "open", "reason": "no time"}
    (skipped,) = at(issued.recorded_at, "reminder-skipped", id="skip", **fields)
    changed = in_order([skipped if e is issued else e for e in history])
    (one,) = told(changed, as_known=True)
    assert (one.how, one.reason) == ("missing", "fault")
    assert "no time" in one.why


def test_a_message_of_a_removed_event_is_a_trace() -> None:
    """The finding names it."""
    history = reminded(FACTS)
    gone = issue_of(history)
    (one,) = told(without(history, gone), as_known=True, messages=messages_of(history))
    assert (one.how, one.reason) == ("missing", "fault")
    assert "a message of 2026-02-02 08:00Z is there, and not its event" in one.why


def test_a_message_without_any_event_is_found() -> None:
    """Somebody was told, and the log does not know it."""
    history = reminded(FACTS)
    stray = message(issue_of(history))._replace(event="nowhere", reminder="late-review:patch")
    told_all = [*messages_of(history), stray]
    assert found(history, now=NOW, messages=told_all, as_known=True) == {("wrong", "fault")}


MINUTE = datetime.timedelta(minutes=1)
OPENED = when("2026-02-02 08:00")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "dead", "attempts": 12}, [("not-delivered", "fault")]),
        ({"state": "pending", "ended_at": None}, [("not-delivered", "fault")]),
        ({"ended_at": OPENED + 10 * MINUTE}, []),
        ({"ended_at": OPENED + 40 * MINUTE}, [("delivered-late", "fault")]),
        ({"ended_at": OPENED + 40 * MINUTE, "not_before": OPENED + 35 * MINUTE}, []),
        ({"ended_at": OPENED + 20 * MINUTE, "bundled": True}, []),
        ({"state": "dropped", "reason": "no longer owed when it was to be sent"}, []),
        ({"state": "dropped", "reason": "superseded: m2 tells of the same reminder later"}, []),
        (
            {"state": "dropped", "reason": "withdrawn: voided", "ended_at": OPENED + 60 * MINUTE},
            [("not-delivered", "fault")],
        ),
    ],
)
def test_what_became_of_a_message(fields: dict[str, object], expected: list[Found]) -> None:
    """Quiet hours and bundles are allowed for; what waited too long or was given up is found."""
    history = reminded(FACTS)
    changed = message(issue_of(history), **fields)
    rest = [m for m in messages_of(history) if m.event != changed.event]
    assert why(told(history, as_known=True, messages=[*rest, changed])) == expected


def test_what_somebody_dropped_is_their_decision() -> None:
    """It was not delivered, by policy; the system is not to blame."""
    history = reminded(FACTS)
    dropped = message(issue_of(history), state="dropped", ended_by="anna", reason="told by phone")
    rest = [m for m in messages_of(history) if m.event != dropped.event]
    assert why(told(history, messages=[*rest, dropped])) == [("not-delivered", "policy")]
    assert told(history, messages=[*rest, dropped], as_known=True) == []


def test_what_has_no_message_at_all_is_found() -> None:
    """The outbox is written with the event."""
    history = reminded(FACTS)
    rest = [m for m in messages_of(history) if m.event != issue_of(history).id]
    assert why(told(history, messages=rest, as_known=True)) == [("not-delivered", "fault")]
