"""Decisions on openings, short ids, assignments and protocols."""

import re

import msgspec
import pytest

from tests.pathway.histories import EPISODE, at, in_order
from tests.unit.decisions import HOUR, NOW, given, judge, meta, told
from tracker import episode
from tracker.episode import IMPLIED, Meta
from tracker.errors import ConflictError, RefusedError, UsageError
from tracker.events import NewEvent, Recorded
from tracker.events.lifecycle import EpisodeOpened
from tracker.pathway import DEFAULT

IMPORT = meta(id="o", source="import", occurred_at=NOW - 48 * HOUR)


def opening(
    data: EpisodeOpened,
    by: Meta | None = None,
    *,
    history: list[Recorded] | None = None,
    others: tuple[str, ...] = (),
) -> list[NewEvent]:
    """Decide to open an episode E-7K3QF under the default protocol in London."""
    return episode.open_episode(
        history or [], data, by or meta(), short_id="E-7K3QF", protocol=DEFAULT,
        time_zone="Europe/London", others=others,
    )  # fmt: skip


def stored(events: list[NewEvent]) -> list[Recorded]:
    """Return decided events as they stand in the log."""
    return [
        Recorded(**msgspec.structs.asdict(e), episode=EPISODE, version=n)
        for n, e in enumerate(events, start=1)
    ]


def implied() -> list[Recorded]:
    """Return an episode that an import opened without being told so."""
    by = meta(id=IMPLIED, source="import", occurred_at=NOW - 24 * HOUR)
    headache = at("2026-02-05 09:00", "headache-assessed", id="h")
    return in_order([*stored(opening(EpisodeOpened(reference="case-1"), by)), *headache])


def test_an_episode_is_opened_with_what_the_system_adds() -> None:
    """Short id, zone and protocol are added to what is told."""
    (event,) = opening(EpisodeOpened(patient="P1"))
    assert told([event])[0][1] == {
        "patient": "P1",
        "short_id": "E-7K3QF",
        "time_zone": "Europe/London",
        "protocol": DEFAULT,
    }


def test_when_the_patient_has_an_open_episode_another_is_refused() -> None:
    """The refusal names the open one."""
    with pytest.raises(RefusedError, match="E-AAAAA"):
        opening(EpisodeOpened(patient="P1"), others=("E-AAAAA",))


def test_when_the_patient_has_an_open_episode_a_reason_opens_another() -> None:
    """With a reason there may be two."""
    data = EpisodeOpened(patient="P1", another_reason="other side")
    assert len(opening(data, others=("E-AAAAA",))) == 1


def test_an_unknown_time_zone_is_refused() -> None:
    """The hint names the zone that was meant."""
    with pytest.raises(UsageError) as refused:
        opening(EpisodeOpened(time_zone="Europe/Lodon"))
    assert "Europe/London" in str(refused.value.hint)


def test_when_the_reference_is_taken_the_opening_conflicts() -> None:
    """A reference names one episode."""
    history = stored(opening(EpisodeOpened(reference="case-1"), meta(id="o1")))
    with pytest.raises(ConflictError, match="already episode E-7K3QF"):
        opening(EpisodeOpened(reference="case-1"), meta(id="o2"), history=history)


def test_an_opening_sent_twice_is_already_true() -> None:
    """What the system added does not make it another opening."""
    data = EpisodeOpened(reference="case-1", patient="P1")
    history = stored(opening(data, meta(id="o1")))
    assert opening(data, meta(id="o1"), history=history) == []


def test_after_an_implied_opening_a_told_one_fills_what_is_missing() -> None:
    """Patient, zone and the earlier time become a correction under the line's own id."""
    data = EpisodeOpened(patient="P1", time_zone="Europe/Berlin")
    (event,) = episode.fill_opening(implied(), data, IMPORT)
    assert (event.id, event.topic) == ("o", "event-corrected")
    assert event.data.changes == {
        "occurred_at": "2026-02-04T09:00:00Z",
        "patient": "P1",
        "time_zone": "Europe/Berlin",
    }


def test_a_filling_sent_twice_is_already_true() -> None:
    """Importing the same opening again adds nothing, also after somebody corrected it."""
    data = EpisodeOpened(patient="P1")
    history = implied()
    (event,) = episode.fill_opening(history, data, IMPORT)
    fixed = at("2026-02-06 08:00", "event-corrected", target=IMPLIED, reason="typo",
               changes={"patient": "P2"})  # fmt: skip
    history = in_order([*history, *stored([event]), *fixed])
    assert episode.fill_opening(history, data, IMPORT) == []


def test_after_a_filling_another_patient_is_refused_with_a_hint() -> None:
    """What was told once is changed by a correction, not by another opening."""
    history = implied()
    (event,) = episode.fill_opening(history, EpisodeOpened(patient="P1"), IMPORT)
    history = in_order([*history, *stored([event])])
    again = msgspec.structs.replace(IMPORT, id="o2")
    with pytest.raises(RefusedError, match="another patient") as refused:
        episode.fill_opening(history, EpisodeOpened(patient="P2"), again)
    assert "tracker correct" in str(refused.value.hint)


def test_after_a_told_opening_another_one_is_refused() -> None:
    """An opening that was told is complete."""
    history = stored(opening(EpisodeOpened(patient="P1"), meta(id="o1")))
    with pytest.raises(RefusedError, match="another site"):
        episode.fill_opening(history, EpisodeOpened(patient="P1", site="north"), IMPORT)


def test_an_opening_that_says_what_stands_is_already_true() -> None:
    """Nothing new needs no event."""
    history = stored(opening(EpisodeOpened(patient="P1"), meta(id="o1")))
    assert episode.fill_opening(history, EpisodeOpened(patient="P1"), IMPORT) == []


def test_a_short_id_has_five_characters_that_cannot_be_misread() -> None:
    """Crockford's alphabet has no I, L, O or U."""
    assert re.fullmatch(r"E-[0-9A-HJKMNP-TV-Z]{5}", episode.new_short_id(lambda _: False))


def test_a_short_id_that_is_taken_is_drawn_again() -> None:
    """The first free one is taken."""
    asked: list[str] = []
    drawn = episode.new_short_id(lambda name: asked.append(name) or len(asked) < 3)
    assert drawn == asked[2]


def test_when_all_short_ids_are_taken_they_grow() -> None:
    """Collisions without end make the ids longer, never an endless search."""
    assert len(episode.new_short_id(lambda name: len(name) < 8)) == 8


def test_an_episode_is_assigned_once() -> None:
    """Giving it to whoever has it already needs no event."""
    history = given(at("2026-02-05 08:00", "episode-assigned", to="berta"))
    assert episode.assign(history, "berta", meta(), judge) == []
    assert told(episode.assign(history, "carla", meta(), judge)) == [
        ("episode-assigned", {"to": "carla"})
    ]


def test_a_protocol_is_adopted_once() -> None:
    """The version that judges it already needs no event."""
    assert episode.adopt(given(), DEFAULT, None, meta()) == []
    assert told(episode.adopt(given(), "site@2", "new guideline", meta())) == [
        ("protocol-adopted", {"protocol": "site@2", "reason": "new guideline"})
    ]
