"""On a server: who claims, or looks what has no hope, waits for others that do."""

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from tests.outbox.conftest import Box, entry
from tests.postgres.waiting import begun
from tracker.channels.base import DeliveryError
from tracker.channels.scheduling import Scheduling
from tracker.outbox import bundling, queue
from tracker.outbox.attempt import Attempt
from tracker.outbox.items import Parcel
from tracker.outbox.settling import settle
from tracker.outbox.turn import Delivered, Turn
from tracker.store.errors import CollisionError

pytestmark = pytest.mark.backends("postgresql")
PILE = 2 * bundling.ABOVE


def claim_both(box: Box, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Let another process claim a pile when one has found it; return the sizes of what each got."""
    box.put(*(entry(f"{number:02}") for number in range(PILE)))
    sort, others, second = bundling.Sorting.messages, list[Attempt](), list[Parcel]()

    def sorted_by_one(sorting: bundling.Sorting, rows: Any) -> dict[str, list[str]]:
        if not others:
            others.append(begun(box.service.database.location, other))
        return sort(sorting, rows)

    def other() -> None:
        monkeypatch.setattr(bundling.Sorting, "messages", sort)
        second.extend(box.claim("two", limit=1))

    monkeypatch.setattr(bundling.Sorting, "messages", sorted_by_one)
    first = box.claim("one", limit=1)
    assert others[0].wait(30, lambda: False, 0)
    return [[len(parcel.items) for parcel in got] for got in (first, second)]


def test_a_bundle_is_one_process_s(box: Box, monkeypatch) -> None:
    """Who comes second waits, and finds nothing."""
    assert claim_both(box, monkeypatch) == [[PILE], []]


def test_twin_without_waiting_two_want_one_bundle(box: Box, monkeypatch) -> None:
    """Each has locked a row that leads to all the others; the server takes one back."""
    monkeypatch.setattr(queue, "lock", lambda _: None)
    with pytest.raises(CollisionError):
        claim_both(box, monkeypatch)


def turn(box: Box, who: str) -> Turn:
    """Return what a scheduler knows that settles what failed."""
    scheduling = Scheduling(fallback="file")
    known: Any = SimpleNamespace(
        service=box.service, who=who, scheduling=scheduling, leaves=False, over=lambda: False
    )
    return cast("Turn", known)


def give_up(box: Box, conn: Connection, who: str, parcel: Parcel) -> None:
    """Settle a message that was refused for good."""
    error = DeliveryError("no such recipient", temporary=False)
    settle(conn, turn(box, who), parcel, error, Delivered(), random.Random())


def fail_both(box: Box) -> list[str]:
    """Let both messages of one issue be refused at once; return what falls back."""
    box.put(*(entry(name, name, event="issue") for name in ("mail", "hook")))
    (mail,), (hook,) = box.claim("one", channel="mail"), box.claim("two", channel="hook")

    def other() -> None:
        with box.service.database.writing() as conn:
            give_up(box, conn, "two", hook)

    with box.service.database.writing() as conn:
        give_up(box, conn, "one", mail)
        attempt = begun(box.service.database.location, other)
    assert attempt.wait(30, lambda: False, 0)
    return [item.state for item in box.items().values() if item.channel == "file"]


def test_of_two_that_fail_at_once_the_second_sees_the_first(box: Box) -> None:
    """What nobody delivers falls back, once."""
    assert fail_both(box) == ["pending"]


def test_twin_without_waiting_each_hopes_for_the_other(box: Box, monkeypatch) -> None:
    """And nobody is told."""
    monkeypatch.setattr(queue, "lock", lambda _: None)
    assert fail_both(box) == []
