"""Decisions on corrections and voidings."""

import pytest

from tests.pathway.histories import at, correct, void
from tests.unit.decisions import given, meta, told
from tracker import episode
from tracker.errors import ConflictError, NotFoundError, RefusedError, UsageError

PATCH = at("2026-02-04 10:00", "blood-patch-performed", id="patch", volume_ml=20, level="L4-L5")


def test_when_recorded_an_event_is_corrected() -> None:
    """Time and fields of the target go into one correction, in canonical form."""
    changes = {"occurred_at": "2026-02-04T07:00:00+01:00", "volume_ml": 18}
    events = episode.correct(given(PATCH), "patch", changes, "typo", meta())
    stored = {"occurred_at": "2026-02-04T06:00:00Z", "volume_ml": 18.0}
    expected = {"target": "patch", "changes": stored, "reason": "typo"}
    assert told(events) == [("event-corrected", expected)]


def test_null_removes_a_field() -> None:
    """A correction to null is stored as null."""
    (event,) = episode.correct(given(PATCH), "patch", {"level": None}, "unknown", meta())
    assert event.data.changes == {"level": None}


def test_a_correction_that_changes_nothing_is_already_true() -> None:
    """The same value, whatever its spelling, needs no event."""
    changes = {"volume_ml": 20, "occurred_at": "2026-02-04T11:00:00+01:00"}
    assert episode.correct(given(PATCH), "patch", changes, "typo", meta()) == []


def test_when_corrected_the_value_that_stands_counts() -> None:
    """Going back to the first value is a change again."""
    history = given(PATCH, correct("2026-02-05 10:00", "patch", volume_ml=18))
    assert episode.correct(history, "patch", {"volume_ml": 18}, "typo", meta()) == []
    assert len(episode.correct(history, "patch", {"volume_ml": 20}, "typo", meta())) == 1


def test_a_correction_sent_twice_is_already_true() -> None:
    """The same id and content adds nothing, also when another correction came in between."""
    changes = {"volume_ml": 18.0}
    first = at("2026-02-05 10:00", "event-corrected", id="c1", target="patch", changes=changes,
               reason="typo")  # fmt: skip
    history = given(PATCH, first, correct("2026-02-05 11:00", "patch", volume_ml=15))
    by = meta(id="c1", occurred_at=first[0].occurred_at)
    assert episode.correct(history, "patch", {"volume_ml": 18}, "typo", by) == []


def test_another_correction_under_the_same_id_conflicts() -> None:
    """An id stands for one correction."""
    history = given(PATCH, correct("2026-02-05 10:00", "patch", volume_ml=18))
    by = meta(id=history[-1].id)
    with pytest.raises(ConflictError):
        episode.correct(history, "patch", {"volume_ml": 17}, "wrong entry", by)


def test_a_wrong_field_is_refused_with_what_was_meant() -> None:
    """A field that the target does not have is named, with the one that looks like it."""
    with pytest.raises(UsageError, match="no field 'volume'") as refused:
        episode.correct(given(PATCH), "patch", {"volume": 18}, "typo", meta())
    assert refused.value.hint == "did you mean volume_ml?"


def test_a_value_out_of_range_is_refused_with_range_and_unit() -> None:
    """The changed event must be one that can be true."""
    with pytest.raises(UsageError, match=r"over 0 up to 60 mL, not 80"):
        episode.correct(given(PATCH), "patch", {"volume_ml": 80}, "typo", meta())


def test_a_correction_into_the_future_is_refused() -> None:
    """The corrected time is held to the same as any other."""
    changes = {"occurred_at": "2026-02-06T09:00:01Z"}
    with pytest.raises(UsageError, match="in the future"):
        episode.correct(given(PATCH), "patch", changes, "typo", meta())


def test_an_unknown_target_is_not_found() -> None:
    """The message lists the events that are there."""
    with pytest.raises(NotFoundError) as refused:
        episode.void(given(PATCH), "nothing", "typo", meta())
    assert "patch" in str(refused.value.hint)


def test_a_target_may_be_named_by_its_beginning() -> None:
    """A prefix that only one id has is stored as that id."""
    (event,) = episode.void(given(PATCH), "pat", "typo", meta())
    assert event.data.target == "patch"


def test_an_exact_id_comes_before_a_prefix() -> None:
    """An id that others begin with is still itself."""
    other = at("2026-02-05 10:00", "blood-patch-performed", id="patch-2")
    assert episode.find_event(given(PATCH, other), "patch").id == "patch"


def test_a_beginning_that_several_have_lists_them() -> None:
    """An ambiguous prefix names the candidates."""
    other = at("2026-02-05 10:00", "blood-patch-performed", id="patch-2")
    with pytest.raises(NotFoundError, match="more than one") as refused:
        episode.find_event(given(PATCH, other), "pat")
    assert "patch-2" in str(refused.value.hint)


def test_an_import_names_its_target_exactly() -> None:
    """What a file calls by half a name is not guessed."""
    with pytest.raises(NotFoundError):
        episode.void(given(PATCH), "pat", "typo", meta(source="import"))


@pytest.mark.parametrize("history", [given(PATCH, void("2026-02-05 10:00", "patch"))])
def test_when_voided_an_event_is_neither_corrected_nor_voided(history: list) -> None:
    """What does not count any more cannot change; the refusal says how to bring it back."""
    with pytest.raises(RefusedError, match="already voided"):
        episode.void(history, "patch", "typo", meta())
    with pytest.raises(RefusedError, match="already voided") as refused:
        episode.correct(history, "patch", {"volume_ml": 18}, "typo", meta())
    assert history[-1].id in str(refused.value.hint)


def test_when_voided_a_voiding_may_be_voided() -> None:
    """A voiding entered in error is taken back by another; then the event can be voided anew."""
    history = given(PATCH, void("2026-02-05 10:00", "patch"))
    assert len(episode.void(history, history[-1].id, "wrong one", meta())) == 1
    back = given(PATCH, void("2026-02-05 10:00", "patch"), void("2026-02-05 11:00", history[-1].id))
    assert len(episode.void(back, "patch", "yes, wrong", meta())) == 1


def test_a_voiding_sent_twice_is_already_true() -> None:
    """The same id and content adds nothing although the target is voided."""
    history = given(PATCH, void("2026-02-05 10:00", "patch"))
    by = meta(id=history[-1].id, occurred_at=history[-1].occurred_at)
    assert episode.void(history, "patch", "entered in error", by) == []


def test_bookkeeping_is_not_corrected() -> None:
    """A correction is voided and recorded again."""
    history = given(PATCH, correct("2026-02-05 10:00", "patch", volume_ml=18))
    with pytest.raises(RefusedError, match="cannot be corrected"):
        episode.correct(history, history[-1].id, {"reason": "other"}, "typo", meta())


def test_the_opening_is_not_voided() -> None:
    """An episode without an opening is none."""
    with pytest.raises(RefusedError, match="opening"):
        episode.void(given(), "opened", "typo", meta())


def test_the_short_id_is_stable_for_ever() -> None:
    """The opening may be corrected, but not in what people call the episode."""
    assert len(episode.correct(given(), "opened", {"patient": "P2"}, "typo", meta())) == 1
    with pytest.raises(RefusedError, match="short_id"):
        episode.correct(given(), "opened", {"short_id": "E-AAAAA"}, "typo", meta())


def test_what_the_scheduler_sent_is_not_unsaid() -> None:
    """An issued reminder was issued."""
    sent = at("2026-02-05 10:00", "reminder-issued", id="r1", reminder="x", source="scheduler")
    with pytest.raises(RefusedError, match="cannot be voided"):
        episode.void(given(PATCH, sent), "r1", "typo", meta())


def test_a_voiding_that_leaves_a_contradiction_is_refused() -> None:
    """Corrections that stand must make an event that can be true without the voided one."""
    drug = at("2026-02-04 10:00", "medication-given", id="m", drug="aspirin")
    named = correct("2026-02-05 10:00", "m", drug_class="nsaid")
    history = given(drug, named, correct("2026-02-05 11:00", "m", drug=None))
    with pytest.raises(RefusedError, match="contradict"):
        episode.void(history, history[-2].id, "typo", meta())
