"""Stored events become a timeline: corrections, voidings, ties, late entry, both time axes."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from tests.pathway.histories import at, correct, in_order, opened, void, when
from tracker.events import Recorded
from tracker.history import entries, timeline

DAY = "2026-02-02"


def ids(events: Sequence[Recorded], **axes: str) -> list[str]:
    """Return the ids of the timeline, with `at` and `known_at` as times."""
    return [e.id for e in timeline(in_order(events), **{k: when(v) for k, v in axes.items()})]


def seen(events: Sequence[Recorded], name: str, **axes: str) -> Any:
    """Return the data of one event of the timeline."""
    line = timeline(in_order(events), **{k: when(v) for k, v in axes.items()})
    return next(e for e in line if e.id == name).data


def headache(time: str, name: str, **fields: object) -> list[Recorded]:
    """Return a headache assessed at a time of the day."""
    return at(f"{DAY} {time}", "headache-assessed", id=name, **fields)


def test_occurred_time_orders() -> None:
    """What was true first comes first, whatever was recorded first."""
    late = at(f"{DAY} 07:00", "leak-suspected", id="late", recorded="2026-02-05 12:00")
    assert ids([*headache("08:00", "a"), *headache("09:00", "b"), *late]) == ["late", "a", "b"]


@pytest.mark.parametrize(
    "act",
    [
        ("blood-patch-performed", {}),
        ("blood-patch-ordered", {}),
        ("imaging-ordered", {}),
        ("imaging-performed", {}),
        ("medication-given", {"drug": "x"}),
        ("medication-started", {"drug": "x"}),
        ("embolization-performed", {}),
        ("surgical-repair-performed", {}),
        ("aspiration-performed", {"with_patch": True}),
    ],
)
def test_finding_before_act(act: tuple[str, dict[str, Any]]) -> None:
    """Of one instant, a finding takes effect before an act, whichever was recorded first."""
    topic, fields = act
    acted = at(f"{DAY} 08:00", topic, id="act", **fields)
    assert ids([*acted, *headache("08:00", "finding")]) == ["finding", "act"]


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("symptoms-recorded", {}),
        ("wound-examined", {}),
        ("rebound-headache-diagnosed", {}),
        ("review-completed", {"review": "early"}),
        ("treatment-outcome-recorded", {}),
        ("leak-suspected", {}),
        ("complication-diagnosed", {"complication": "other"}),
        ("complication-resolved", {"complication": "other"}),
        ("leak-site-identified", {}),
        ("headache-assessed", {}),
    ],
)
def test_every_finding_comes_first(topic: str, fields: dict[str, Any]) -> None:
    """Each of the ten findings takes effect before a patch of the same instant."""
    patch = at(f"{DAY} 08:00", "blood-patch-performed", id="patch")
    assert ids([*patch, *at(f"{DAY} 08:00", topic, id="found", **fields)]) == ["found", "patch"]


def test_recorded_order_breaks_ties() -> None:
    """Of one instant and kind, what was recorded first comes first."""
    assert ids([*headache("08:00", "z"), *headache("08:00", "a")]) == ["z", "a"]


def test_correction_of_time_moves_the_event() -> None:
    """A corrected time puts the event where it was true."""
    events = [*headache("08:00", "a"), *headache("09:00", "b")]
    moved = correct(f"{DAY} 12:00", "b", occurred_at=f"{DAY}T07:00:00Z")
    assert ids([*events, *moved]) == ["b", "a"]


def test_correction_of_time_takes_an_offset() -> None:
    """A corrected time with another offset is the same instant in UTC."""
    moved = correct(f"{DAY} 12:00", "a", occurred_at=f"{DAY}T07:00:00+02:00")
    (event,) = timeline(in_order([*headache("08:00", "a"), *moved]))
    assert event.occurred_at == when(f"{DAY} 05:00")


def test_correction_changes_only_what_it_names() -> None:
    """Fields that a correction does not name stay."""
    events = headache("08:00", "a", posture="orthostatic", severity_nrs=3)
    data = seen([*events, *correct(f"{DAY} 12:00", "a", severity_nrs=8)], "a")
    assert (data.posture, data.severity_nrs) == ("orthostatic", 8)


def test_correction_to_null_removes() -> None:
    """A field corrected to null is unknown again."""
    events = headache("08:00", "a", posture="orthostatic", severity_nrs=3)
    assert (
        seen([*events, *correct(f"{DAY} 12:00", "a", severity_nrs=None)], "a").severity_nrs is None
    )


def test_later_recorded_correction_holds() -> None:
    """Of two corrections of one field the later recorded holds, whatever their occurred_at."""
    first = correct(f"{DAY} 14:00", "a", severity_nrs=5)
    second = at(
        f"{DAY} 10:00",
        "event-corrected",
        id="second",
        recorded=f"{DAY} 15:00",
        target="a",
        changes={"severity_nrs": 6},
        reason="r",
    )
    assert seen([*headache("08:00", "a"), *first, *second], "a").severity_nrs == 6


def test_voided_correction_brings_the_old_value_back() -> None:
    """Voiding the later of two corrections lets the earlier hold again."""
    events = headache("08:00", "a", severity_nrs=3)
    first = correct(f"{DAY} 12:00", "a", severity_nrs=5)
    second = correct(f"{DAY} 13:00", "a", severity_nrs=6)
    third = void(f"{DAY} 14:00", second[0].id)
    assert seen([*events, *first, *second, *third], "a").severity_nrs == 5


def test_correction_before_its_target_applies() -> None:
    """A correction holds from when it was recorded, also if it occurred before its target."""
    early = at(
        "2026-02-01 00:00",
        "event-corrected",
        id="c",
        recorded=f"{DAY} 12:00",
        target="a",
        changes={"severity_nrs": 9},
        reason="r",
    )
    events = [*headache("08:00", "a", severity_nrs=3), *early]
    assert seen(events, "a", at=f"{DAY} 08:00").severity_nrs == 9
    assert seen(events, "a", known_at=f"{DAY} 11:59").severity_nrs == 3


def test_voided_event_is_gone() -> None:
    """A voided event is not in the timeline."""
    events = [*headache("08:00", "a"), *headache("09:00", "b")]
    assert ids([*events, *void(f"{DAY} 12:00", "a")]) == ["b"]


def test_voiding_applies_from_when_it_was_recorded() -> None:
    """Before the voiding was recorded the event still counted."""
    events = [*headache("08:00", "a"), *void(f"{DAY} 12:00", "a")]
    assert ids(events, known_at=f"{DAY} 11:59:59") == ["a"]
    assert ids(events, known_at=f"{DAY} 12:00:00") == []


def test_voiding_of_a_voiding_brings_back() -> None:
    """A voiding that is itself voided voids nothing."""
    events = [*headache("08:00", "a"), *void(f"{DAY} 12:00", "a")]
    assert ids([*events, *void(f"{DAY} 13:00", events[1].id)]) == ["a"]


def test_known_at_is_inclusive() -> None:
    """What was recorded at the very instant was known."""
    late = at(f"{DAY} 08:00", "leak-suspected", id="a", recorded=f"{DAY} 12:00")
    assert ids(late, known_at=f"{DAY} 12:00") == ["a"]
    assert ids(late, known_at=f"{DAY} 11:59:59") == []


def test_at_is_inclusive() -> None:
    """What occurred at the very instant had occurred."""
    assert ids(headache("08:00", "a"), at=f"{DAY} 08:00") == ["a"]
    assert ids(headache("08:00", "a"), at=f"{DAY} 07:59:59") == []


def test_both_axes_at_once() -> None:
    """At T by what was known at K: only what had occurred by T and was recorded by K."""
    early = headache("08:00", "known")
    late = at(f"{DAY} 08:30", "leak-suspected", id="late", recorded=f"{DAY} 20:00")
    after = headache("10:00", "after")
    axes = {"at": f"{DAY} 09:00", "known_at": f"{DAY} 12:00"}
    assert ids([*early, *late, *after], **axes) == ["known"]


def test_correction_into_the_past_and_out_of_sight() -> None:
    """An event corrected to after T is not there at T."""
    moved = correct(f"{DAY} 12:00", "a", occurred_at=f"{DAY}T11:00:00Z")
    assert ids([*headache("08:00", "a"), *moved], at=f"{DAY} 09:00") == []


def test_opening_is_always_there() -> None:
    """The opening tells zone and protocol, so it is there also before it occurred."""
    assert ids(opened("Europe/Paris", f"{DAY} 08:00"), at="2020-01-01 00:00") == ["opened"]


def test_bookkeeping_is_not_in_the_timeline() -> None:
    """Corrections and voidings have done their work and are left out."""
    events = [*headache("08:00", "a"), *correct(f"{DAY} 12:00", "a", severity_nrs=1)]
    assert ids(events) == ["a"]


def test_entries_tell_what_became_of_each() -> None:
    """The record shows who voided and corrected an event, and its original beside it."""
    events = headache("08:00", "a", severity_nrs=3)
    fixed = correct(f"{DAY} 12:00", "a", severity_nrs=5)
    gone = void(f"{DAY} 13:00", "a")
    entry = entries(in_order([*events, *fixed, *gone]))[0]
    assert (entry.voided, entry.corrected_by) == (gone[0].id, (fixed[0].id,))
    assert (entry.original.data.severity_nrs, entry.event.data.severity_nrs) == (3, 5)


def test_voided_correction_is_not_listed() -> None:
    """A correction that was voided does not count as one that holds."""
    fixed = correct(f"{DAY} 12:00", "a", severity_nrs=5)
    events = [*headache("08:00", "a"), *fixed, *void(f"{DAY} 13:00", fixed[0].id)]
    assert entries(in_order(events))[0].corrected_by == ()


def test_impossible_correction_is_an_error() -> None:
    """A correction that would make the event untrue is never silently dropped."""
    events = [*headache("08:00", "a"), *correct(f"{DAY} 12:00", "a", severity_nrs=11)]
    with pytest.raises(msgspec.ValidationError, match="severity_nrs"):
        timeline(in_order(events))
