"""Appending through the service: decisions, conflicts, repetition, names."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.store.recording import new, now, opening, saying
from tracker.errors import ConflictError, NotFoundError
from tracker.events import NewEvent, Recorded
from tracker.service import Service


def test_what_was_appended_is_in_the_history(service: Service) -> None:
    """Events come back in recorded order with their versions."""
    ref = service.append(None, saying(opening())).episode
    service.append(ref.uuid, saying(new("leak-suspected", 10)))
    history = service.history(ref.uuid)
    assert [(e.version, e.topic) for e in history] == [(1, "episode-opened"), (2, "leak-suspected")]


def test_the_answer_tells_before_and_after(service: Service) -> None:
    """Who records sees what it did to the stage."""
    ref = service.append(None, saying(opening())).episode
    done = service.append(ref.uuid, saying(new("headache-assessed", 10, posture="orthostatic")))
    assert done.before is not None
    assert done.after is not None
    assert (done.before.stage, done.after.stage) == ("at-risk", "assessment")
    assert not done.parked


def test_the_first_append_has_no_before(service: Service) -> None:
    """An episode that is opened did not exist before."""
    done = service.append(None, saying(opening()))
    assert done.before is None
    assert done.episode.short_id == "E-00001"


def test_deciding_nothing_appends_nothing(service: Service) -> None:
    """What is already true is not recorded again."""
    ref = service.append(None, saying(opening())).episode
    done = service.append(ref.uuid, saying())
    assert done.events == []
    assert done.after == done.before
    assert len(service.history(ref.uuid)) == 1


def test_the_same_event_again_is_no_change(service: Service) -> None:
    """An id with the same content is the idempotency key of a repeated command."""
    ref = service.append(None, saying(opening())).episode
    event = new("leak-suspected", 10, event_id="e1")
    service.append(ref.uuid, saying(event))
    assert service.append(ref.uuid, saying(event)).events == []
    assert len(service.history(ref.uuid)) == 2


@pytest.mark.parametrize(
    "other",
    [
        new("leak-suspected", 11, event_id="e1"),
        new("leak-suspected", 10, event_id="e1", basis="wet dressing"),
        new("wound-examined", 10, event_id="e1"),
    ],
)
def test_the_same_id_with_other_content_is_refused(service: Service, other: NewEvent) -> None:
    """Two facts under one id cannot both be true."""
    ref = service.append(None, saying(opening())).episode
    service.append(ref.uuid, saying(new("leak-suspected", 10, event_id="e1")))
    with pytest.raises(ConflictError, match="other content"):
        service.append(ref.uuid, saying(other))


def test_a_loser_reads_and_decides_again(service: Service) -> None:
    """Somebody else's event in between is seen by the decision that is kept."""
    ref = service.append(None, saying(opening())).episode
    seen: list[int] = []

    def decide(history: list[Recorded]) -> list[NewEvent]:
        seen.append(len(history))
        if len(seen) == 1:
            service.append(ref.uuid, saying(new("leak-suspected", 10)))
        return [new("wound-examined", 12)]

    service.append(ref.uuid, decide)
    assert seen == [1, 2]
    assert [e.version for e in service.history(ref.uuid)] == [1, 2, 3]


def test_whoever_always_loses_is_told_so(service: Service) -> None:
    """Trying again ends."""
    ref = service.append(None, saying(opening())).episode

    def decide(history: list[Recorded]) -> list[NewEvent]:
        service.append(ref.uuid, saying(new("leak-suspected", 10)))
        return [new("wound-examined", 12)]

    with pytest.raises(ConflictError, match="all the time"):
        service.append(ref.uuid, decide)


def test_writers_at_once_lose_nothing(service: Service) -> None:
    """Every one of many events recorded at once into one episode is there, with its rows."""
    ref = service.append(None, saying(opening())).episode

    def record(number: int) -> None:
        with Service.open(service.database.location, now) as own:
            own.append(ref.uuid, saying(new("leak-suspected", number, event_id=f"e{number}")))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record, range(12)))
    assert {e.id for e in service.history(ref.uuid)} >= {f"e{n}" for n in range(12)}
    assert service.verify() == []


def test_the_same_event_by_many_at_once_is_stored_once(service: Service) -> None:
    """The append itself is the guard."""
    ref = service.append(None, saying(opening())).episode
    event = new("leak-suspected", 10, event_id="e1")

    def record(_: int) -> int:
        with Service.open(service.database.location, now) as own:
            return len(own.append(ref.uuid, saying(event)).events)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(record, range(8))) == 1
    assert len(service.history(ref.uuid)) == 2


def test_a_reference_that_is_taken_means_that_episode(service: Service) -> None:
    """Two who open the same reference at once are led to one episode."""
    first = service.append(None, saying(opening()))
    histories: list[int] = []

    def decide(history: list[Recorded]) -> list[NewEvent]:
        histories.append(len(history))
        return [] if history else [opening(short_id="E-OTHER")]

    second = service.append(None, decide)
    assert histories == [0, 1]
    assert second.episode.uuid == first.episode.uuid
    assert second.events == []


def test_a_short_id_that_is_taken_is_drawn_again(service: Service) -> None:
    """Short ids are unique although nobody hands them out."""
    service.append(None, saying(opening()))
    drawn = iter(["E-00001", "E-00002"])
    done = service.append(None, lambda _: [opening("2", short_id=next(drawn))])
    assert done.episode.short_id == "E-00002"


def test_many_go_in_together_or_not_at_all(service: Service) -> None:
    """A decision that refuses takes the whole batch back."""

    def refuse(history: list[Recorded]) -> list[NewEvent]:
        raise ConflictError("no")

    with pytest.raises(ConflictError):
        service.append_many([(None, saying(opening())), (None, refuse)])
    assert list(service.all_episodes()) == []


def test_an_episode_named_twice_in_a_batch_comes_back_once(service: Service) -> None:
    """Later decisions of a batch see what earlier ones decided."""
    ref = service.append(None, saying(opening())).episode
    batch = [
        (ref.uuid, saying(new("leak-suspected", 10, event_id="e1"))),
        (ref.uuid, lambda h: [new("wound-examined", 12)] if len(h) == 2 else []),
    ]
    [done] = service.append_many(batch)
    assert [e.version for e in done.events] == [2, 3]
    assert service.verify() == []


def test_a_batch_that_meets_a_taken_reference_joins_its_episode(service: Service) -> None:
    """The rest of the batch goes on as it was."""
    first = service.append(None, saying(opening()))
    fact = new("leak-suspected", 10, event_id="e1")

    def decide(history: list[Recorded]) -> list[NewEvent]:
        return [fact] if history else [opening(short_id="E-OTHER"), fact]

    done = service.append_many([(None, decide), (None, saying(opening("2")))])
    assert [d.episode.uuid == first.episode.uuid for d in done] == [True, False]
    assert [len(d.events) for d in done] == [1, 1]


def test_an_unknown_episode_is_not_made(service: Service) -> None:
    """Only an opening makes an episode."""
    with pytest.raises(NotFoundError):
        service.append(uuid4(), saying(new("leak-suspected")))
    with pytest.raises(NotFoundError):
        service.status(uuid4())
