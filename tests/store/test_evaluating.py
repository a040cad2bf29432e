"""When what is to be recorded is evaluated: nobody waits, and its failure records nothing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from projections.views import Judge, View
from tests.store.recording import new, now, opening, saying
from tracker.appending import Appender
from tracker.errors import StoreError
from tracker.service import Service
from tracker.step import Step
from tracker.store import locks, postgresql, sqlite
from tracker.store.errors import LockedError


@pytest.fixture
def ward(service: Service) -> list[UUID]:
    """Three episodes."""
    return [service.append(None, saying(opening(name))).episode.uuid for name in ("1", "2", "3")]


def fact(name: str = "fact") -> Any:
    """Return a decision to record something under an id."""
    return saying(new("leak-suspected", 10, event_id=name))


def meanwhile(monkeypatch: pytest.MonkeyPatch, service: Service, act: Any) -> None:
    """Let something be done each time when this service evaluates what is to be recorded."""
    view = Judge.view

    def acting(judge: Judge[Any], *of_episode: Any) -> View:
        if judge is service.judge:
            act()
        return view(judge, *of_episode)

    monkeypatch.setattr(Judge, "view", acting)


def record_another(
    monkeypatch: pytest.MonkeyPatch, service: Service, ward: Sequence[UUID], count: int
) -> None:
    """Record into some episodes; while that is evaluated, somebody records into the last one."""
    for module in (sqlite, postgresql):
        monkeypatch.setattr(module, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(locks, "MANY", 1)  # more than one keep all rows to themselves
    with Service.open(service.database.location, now) as other:
        meanwhile(monkeypatch, service, lambda: other.append(ward[-1], fact("other")))
        service.append_many([(episode, fact()) for episode in ward[:count]])


@pytest.mark.parametrize("count", [1, 2])
def test_nobody_waits_while_something_is_evaluated(
    service: Service, ward: list[UUID], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes longer than the transaction, most of all for many episodes."""
    record_another(monkeypatch, service, ward, count)
    assert [service.history(episode)[-1].id for episode in ward[:count]] == ["fact"] * count
    assert service.history(ward[-1])[-1].id == "other"
    assert service.verify() == []


def test_twin_that_evaluates_in_the_transaction_keeps_others_waiting(
    service: Service, ward: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without evaluating many first, the other gives up."""

    def save(self: Appender, steps: Sequence[Step], beside: Any) -> None:
        self._write(steps, beside)

    monkeypatch.setattr(Appender, "_save", save)
    with pytest.raises(LockedError):
        record_another(monkeypatch, service, ward, 2)


@pytest.mark.parametrize("count", [1, 2])
def test_what_cannot_be_judged_is_not_recorded(
    service: Service, ward: list[UUID], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A protocol that is another one here must not judge, and no mark stands for its rows."""

    def changed(*_: object) -> None:
        raise StoreError("the protocol is another one here")

    monkeypatch.setattr(service._appender, "_keep", changed)
    with pytest.raises(StoreError, match="another one"):
        service.append_many([(episode, fact()) for episode in ward[:count]])
    assert [len(service.history(episode)) for episode in ward] == [1, 1, 1]
    assert service.parked() == []
