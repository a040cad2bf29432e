"""What corrections and voidings did: old and new values, what was voided, why."""

import pytest

from tests.pathway.histories import Recorded, at, correct, in_order, opened, void, when
from tracker.audit.amendments import Amendment, amendment

BASE = [
    *opened("UTC"),
    *at("2026-02-04 10:00", "blood-patch-performed", id="patch", volume_ml=12, level="L3-L4"),
]


def told(*events: Recorded) -> list[Amendment | None]:
    """Return what each of the events did to the patch, or to one another."""
    history = in_order([*BASE, *events])
    return [amendment(history, event) for event in history[len(BASE) :]]


def values(found: Amendment | None) -> dict[str, tuple[object, object]]:
    """Return old and new value by field."""
    assert found is not None
    return {c.field: (c.before, c.after) for c in found.changes}


def test_a_correction_has_the_old_and_the_new_value() -> None:
    """Only the field that was corrected is named, with why."""
    (found,) = told(*correct("2026-02-04 12:00", "patch", volume_ml=18))
    assert found is not None
    assert (found.how, found.target.id, found.reason) == ("corrects", "patch", "wrong entry")
    assert values(found) == {"volume_ml": (12, 18)}


def test_a_second_correction_starts_from_the_first() -> None:
    """The old value is what held just before, not what was recorded at first."""
    found = told(
        *correct("2026-02-04 12:00", "patch", volume_ml=18),
        *correct("2026-02-04 13:00", "patch", volume_ml=20),
    )
    assert values(found[1]) == {"volume_ml": (18, 20)}


def test_a_voided_correction_is_no_longer_an_old_value() -> None:
    """After it was taken back the first value holds again."""
    fix = correct("2026-02-04 12:00", "patch", volume_ml=18)
    found = told(
        *fix,
        *void("2026-02-04 13:00", fix[0].id),
        *correct("2026-02-04 14:00", "patch", volume_ml=20),
    )
    assert values(found[2]) == {"volume_ml": (12, 20)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"level": None}, {"level": ("L3-L4", None)}),
        ({"guidance": "ct"}, {"guidance": (None, "ct")}),
        (
            {"occurred_at": "2026-02-04T09:00:00Z"},
            {"occurred_at": (when("2026-02-04 10:00"), when("2026-02-04 09:00"))},
        ),
        ({"volume_ml": 12}, {}),
    ],
)
def test_what_was_removed_added_moved_or_left(
    changes: dict[str, object], expected: dict[str, object]
) -> None:
    """None stands for no value; the time of an event counts as a field."""
    (found,) = told(*correct("2026-02-04 12:00", "patch", **changes))
    assert values(found) == expected


def test_a_voiding_names_the_event_as_it_stood() -> None:
    """What was voided is told with its corrected values."""
    found = told(
        *correct("2026-02-04 12:00", "patch", volume_ml=18), *void("2026-02-04 13:00", "patch")
    )[1]
    assert found is not None
    assert (found.how, found.reason, found.changes) == ("voids", "entered in error", ())
    assert getattr(found.target.data, "volume_ml", None) == 18


def test_other_events_amend_nothing() -> None:
    """A patch is neither a correction nor a voiding."""
    assert told(*at("2026-02-05 10:00", "patient-mobilized")) == [None]
