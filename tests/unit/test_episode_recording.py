"""Decisions on facts: identity, time, orders, closing."""

import pytest

from tests.pathway.histories import at
from tests.unit.decisions import HOUR, NOW, given, judge, meta, record, told
from tracker import episode
from tracker.errors import ConflictError, NotFoundError, RefusedError, UsageError

SURGERY = at("2026-02-02 08:00", "surgery-performed", id="op", level="L4-L5")
HEADACHE = at("2026-02-03 08:00", "headache-assessed", id="head", posture="orthostatic")
PATCH = at("2026-02-05 08:00", "blood-patch-performed", id="patch", volume_ml=18)
ORDER = {"planned_for": "2026-02-03T08:00:00Z"}


def test_when_open_a_fact_is_recorded() -> None:
    """A true event becomes one event with its data as told."""
    events = record(given(SURGERY), "headache-assessed", posture="orthostatic")
    assert told(events) == [("headache-assessed", {"posture": "orthostatic"})]


def test_a_fact_without_a_time_is_true_now() -> None:
    """What has no time of its own occurred when it was recorded."""
    (event,) = record(given(), "wound-examined")
    assert (event.occurred_at, event.recorded_at) == (NOW, NOW)


def test_a_fact_without_an_id_gets_one() -> None:
    """Two facts without an id are two facts."""
    (one,), (other,) = record(given(), "wound-examined"), record(given(), "wound-examined")
    assert one.id != other.id


@pytest.mark.parametrize("state", ["episode-closed", "lost-to-follow-up", "patient-transferred"])
def test_when_the_patient_is_away_a_fact_is_recorded(state: str) -> None:
    """A fact on a closed, lost or transferred episode is never refused."""
    away = given(SURGERY, at("2026-02-04 08:00", state))
    assert told(record(away, "headache-assessed")) == [("headache-assessed", {})]


def test_when_recorded_the_same_again_is_already_true() -> None:
    """The same id with equal event, time and data adds nothing."""
    again = meta(id="op", occurred_at=SURGERY[0].occurred_at)
    assert record(given(SURGERY), "surgery-performed", again, level="L4-L5") == []


def test_when_recorded_the_same_id_without_a_time_is_already_true() -> None:
    """A repetition that names no time does not contradict the recorded one."""
    assert record(given(SURGERY), "surgery-performed", meta(id="op"), level="L4-L5") == []


@pytest.mark.parametrize(
    ("topic", "fields", "hours", "differs"),
    [
        ("surgery-performed", {"level": "L3-L4"}, 0, "level"),
        ("surgery-performed", {"level": "L4-L5"}, 1, "occurred_at"),
        ("wound-examined", {}, 0, "event"),
    ],
)
def test_when_recorded_other_content_under_the_id_conflicts(
    topic: str, fields: dict[str, str], hours: int, differs: str
) -> None:
    """The same id with another event, time or data is an error that says what differs."""
    by = meta(id="op", occurred_at=SURGERY[0].occurred_at + hours * HOUR)
    with pytest.raises(ConflictError, match=f"differs: {differs}"):
        record(given(SURGERY), topic, by, **fields)


def test_a_time_in_the_future_is_refused() -> None:
    """Nothing has happened that is still to come, not even by a microsecond."""
    later = meta(occurred_at=NOW + HOUR / 3_600_000_000)
    with pytest.raises(UsageError, match="in the future"):
        record(given(), "wound-examined", later)


def test_an_end_in_the_future_is_refused() -> None:
    """Times inside the data that tell what has been are held to the same."""
    with pytest.raises(UsageError, match=r"ended_at .* is in the future"):
        record(given(), "blood-patch-performed", ended_at="2026-02-06T10:00:00Z")


@pytest.mark.parametrize("topic", ["reminder-issued", "reminder-skipped"])
def test_what_the_scheduler_writes_is_refused_from_others(topic: str) -> None:
    """Only the scheduler says that it issued something."""
    with pytest.raises(RefusedError, match="scheduler alone"):
        record(given(), topic, reminder="early-review:patch")


def test_the_scheduler_may_say_that_it_issued() -> None:
    """The source decides who speaks."""
    by = meta(source="scheduler")
    assert len(record(given(), "reminder-issued", by, reminder="early-review:patch")) == 1


def test_when_open_it_is_not_opened_again() -> None:
    """An opening is no fact of an open episode."""
    with pytest.raises(RefusedError, match="open already"):
        record(given(), "episode-opened", patient="P1")


def test_when_no_order_is_known_a_cancellation_of_it_is_not_found() -> None:
    """A person who names an order names one that is there."""
    with pytest.raises(NotFoundError, match="no event 'nope'"):
        record(given(SURGERY), "blood-patch-cancelled", order="nope")


def test_an_order_may_be_named_by_its_beginning() -> None:
    """The order is stored by its whole id."""
    history = given(at("2026-02-05 08:00", "blood-patch-ordered", id="order-77"))
    events = record(history, "blood-patch-cancelled", order="order")
    assert told(events) == [("blood-patch-cancelled", {"order": "order-77"})]


def test_when_too_early_an_order_asks_for_a_reason() -> None:
    """A patch ordered for 24 h after surgery is refused with the rule's citation."""
    with pytest.raises(RefusedError, match=r"needs a reason: .*L49"):
        record(given(SURGERY, HEADACHE), "blood-patch-ordered", **ORDER)


def test_when_too_early_an_order_with_a_reason_is_recorded() -> None:
    """With a reason the order stands, and the alert with it."""
    events = record(given(SURGERY, HEADACHE), "blood-patch-ordered", reason="agony", **ORDER)
    assert len(events) == 1


def test_when_in_rebound_an_order_asks_for_a_reason() -> None:
    """A patch ordered during rebound is refused with the rule's citation."""
    rebound = at("2026-02-06 08:00", "headache-assessed", posture="reverse-orthostatic")
    with pytest.raises(RefusedError, match=r"needs a reason: .*L105"):
        record(given(SURGERY, PATCH, rebound), "blood-patch-ordered")


def test_when_the_protocol_blocks_a_reason_does_not_help() -> None:
    """With the setting `block` the order is refused whatever is said."""
    data = episode.checked("blood-patch-ordered", {"reason": "agony", **ORDER})
    with pytest.raises(RefusedError, match="protocol refuses"):
        episode.record(given(SURGERY, HEADACHE), data, meta(), judge=judge, block=True)


def test_when_the_protocol_blocks_a_patch_done_is_recorded() -> None:
    """What was done is a fact: no setting refuses it."""
    data = episode.checked("blood-patch-performed", {})
    by = meta(occurred_at=SURGERY[0].occurred_at + 30 * HOUR)
    assert len(episode.record(given(SURGERY), data, by, judge=judge, block=True)) == 1


@pytest.mark.parametrize("block", [False, True])
def test_an_imported_early_order_is_accepted(block: bool) -> None:
    """An import is not asked for reasons: the alert stands."""
    data = episode.checked("blood-patch-ordered", ORDER)
    by = meta(source="import")
    assert len(episode.record(given(SURGERY), data, by, judge=judge, block=block)) == 1


def test_when_late_enough_an_order_needs_no_reason() -> None:
    """After 48 h an order is recorded as told."""
    assert len(record(given(SURGERY, HEADACHE), "blood-patch-ordered")) == 1


def test_when_reviews_are_owed_closing_asks_for_a_reason() -> None:
    """The refusal names the reviews."""
    with pytest.raises(RefusedError, match=r"early-review .*intermediate-review .*late-review"):
        record(given(SURGERY, PATCH), "episode-closed", outcome="resolved")


@pytest.mark.parametrize(
    "fields", [{"outcome": "resolved", "reason": "moved away"}, {"outcome": "died"}]
)
def test_when_reviews_are_owed_closing_with_a_ground_is_recorded(fields: dict[str, str]) -> None:
    """A reason, or an outcome that ends every review, is enough."""
    assert len(record(given(SURGERY, PATCH), "episode-closed", **fields)) == 1


def test_when_reviews_are_owed_an_imported_closing_is_accepted() -> None:
    """An import closes without a reason; the alert stands."""
    closed = record(given(SURGERY, PATCH), "episode-closed", meta(source="import:remind-since=x"))
    assert len(closed) == 1


def test_when_nothing_is_owed_closing_needs_no_reason() -> None:
    """Without an intervention or a known start of treatment no review is owed."""
    assert len(record(given(SURGERY), "episode-closed", outcome="resolved")) == 1
