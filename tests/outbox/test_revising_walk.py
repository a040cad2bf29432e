"""However often an episode changes hands while it waits, each notice reaches one person, once."""

import random
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert, update

from projections.tables import worklist
from tests.outbox.conftest import MINUTE, NOW, Box, entry
from tracker.channels.options import ConsoleOptions
from tracker.channels.people import Recipient
from tracker.channels.scheduling import Scheduling
from tracker.channels.settings import Site
from tracker.outbox import listing, queue, revising
from tracker.outbox.entries import Entry, message_id
from tracker.outbox.fallback import fall_back
from tracker.outbox.items import Parcel

PEOPLE = ("anna", "ben", "eva")
STEPS = 60


def site(*recipients: Recipient) -> Site:
    """Return a configuration with a channel for each person."""
    channels = {name: ConsoleOptions() for name in (*PEOPLE, "file")}
    return Site(directory=Path(), time_zone="UTC", channels=channels, recipients=recipients)


OWN = site(*(Recipient(name, coordinator=name) for name in PEOPLE))


def belongs(box: Box, episode: int, coordinator: str) -> None:
    """Give an episode to a coordinator, in the read model."""
    row = {
        "stage": "post-patch", "leak": "active", "urgent": False, "listed": True,
        "overdue": False, "due_at": 0, "reminders": 1, "alerts": 0, "protocol": "p@1",
        "time_zone": "UTC",
    }  # fmt: skip
    changed = update(worklist).where(worklist.c.episode_key == episode)
    with box.service.database.writing() as conn:
        if not conn.execute(changed.values(coordinator=coordinator)).rowcount:
            values = {"episode_key": episode, "coordinator": coordinator, **row}
            conn.execute(insert(worklist).values(values))


def issued(box: Box, name: str, episode: int, coordinator: str) -> Entry:
    """Return what is written for a coordinator when something is issued."""
    at, event = box.clock.now, f"event-{name}"
    return entry(
        message_id(event, coordinator, None), coordinator, event=event, episode_key=episode,
        reminder=f"review:{name}", coordinator=coordinator, created_at=at, not_before=at,
        first_attempt_at=at + random.Random(name).choice((0, 30)) * MINUTE,
    )  # fmt: skip


def walk(box: Box, seed: int) -> Counter[str]:
    """Issue, reassign, send and fail at random; return how often each event was told."""
    luck, told = random.Random(seed), Counter[str]()
    holder = dict.fromkeys(range(3), "anna")
    for episode, who in holder.items():
        belongs(box, episode, who)
    for step in range(STEPS):
        box.clock.now += luck.randint(1, 20) * MINUTE
        episode = luck.choice(list(holder))
        holder[episode] = luck.choice(PEOPLE)
        belongs(box, episode, holder[episode])
        if luck.random() < 0.5:
            box.put(issued(box, str(step), episode, holder[episode]))
        _round(box, told, luck.random() < 0.6)
    box.clock.now += 60 * MINUTE
    _round(box, told, True)
    return told


def _round(box: Box, told: Counter[str], works: bool) -> None:
    revising.revise(box.service, OWN, "one")
    for name in PEOPLE:
        for parcel in box.claim(channel=name, limit=3 if not works else 1000):
            with box.service.database.writing() as conn:
                if works:
                    told.update(str(item.event) for item in parcel.items)
                    queue.delivered(conn, "one", parcel.ids, box.clock.now)
                else:
                    later = box.clock.now + 5 * MINUTE
                    queue.failed(conn, "one", parcel.ids, "busy", later)


@pytest.mark.parametrize("seed", range(3))
def test_each_is_told_to_one_once(box: Box, seed: int) -> None:
    """Never to two and never to none."""
    told = walk(box, seed)
    events = {str(item.event) for item in box.items().values()}
    assert len(events) > STEPS / 4
    assert told == dict.fromkeys(events, 1)
    assert any("re-addressed" in (item.reason or "") for item in box.items().values())


def test_twin_who_gets_it_back_is_told_by_nobody(box: Box, monkeypatch) -> None:
    """Were a row neither given back nor left to who has it, some would be told to none."""
    monkeypatch.setattr(revising._Revision, "_revive", lambda *_: None)
    monkeypatch.setattr(revising, "is_last", lambda *_: False)
    assert len(walk(box, 0)) < len({item.event for item in box.items().values()})


def test_revising_again_changes_nothing(box: Box) -> None:
    """Any number of schedulers may do it."""
    belongs(box, 0, "ben")
    box.put(issued(box, "a", 0, "anna"))
    assert [revising.revise(box.service, OWN, who) for who in ("one", "two")] == [1, 0]
    assert sorted(item.channel for item in box.items().values()) == ["anna", "ben"]


def test_what_a_process_holds_is_left_alone(box: Box) -> None:
    """It may be on its way."""
    belongs(box, 0, "ben")
    box.put(issued(box, "b", 0, "anna"))
    box.clock.now += 30 * MINUTE
    box.claim(channel="anna")
    assert revising.revise(box.service, OWN, "two") == 0


def test_when_nobody_at_all_would_be_told_it_stays(box: Box) -> None:
    """A configuration without any channel takes nothing away."""
    box.put(entry("a"))
    assert revising.revise(box.service, Site(directory=Path(), time_zone="UTC"), "one") == 0


LAST = msgspec.structs.replace(OWN, scheduler=Scheduling(fallback="file"))


def test_what_went_the_last_way_stays_there(box: Box) -> None:
    """Nobody is named for the fallback, and it takes what no other channel delivers."""
    belongs(box, 0, "ben")
    box.put(entry("a", "file", episode_key=0, coordinator="ben"))
    assert revising.revise(box.service, LAST, "one") == 0


def test_what_was_given_away_does_not_stand_in_the_last_ways_way(box: Box) -> None:
    """The row in its place may fail like any other."""
    belongs(box, 0, "ben")
    box.put(issued(box, "a", 0, "anna"))
    revising.revise(box.service, LAST, "one")
    box.clock.now += 30 * MINUTE
    (parcel,) = box.claim(channel="ben")
    with box.service.database.writing() as conn:
        queue.died(conn, "one", parcel.ids, "no such user", box.clock.now)
        fall_back(conn, parcel.items, "file", box.clock.now)
    states = {item.channel: item.state for item in box.items().values()}
    assert states == {"anna": "dropped", "ben": "dead", "file": "pending"}


def fallen_back(box: Box) -> None:
    """Let Ben's channel refuse what he is to be told, so that it waits for the last way out."""
    belongs(box, 0, "ben")
    box.put(issued(box, "a", 0, "ben"))
    box.clock.now += 30 * MINUTE
    (parcel,) = box.claim(channel="ben")
    with box.service.database.writing() as conn:
        queue.died(conn, "one", parcel.ids, "no such user", box.clock.now)
        fall_back(conn, parcel.items, "file", box.clock.now)


def rows(box: Box) -> dict[str, tuple[str, str | None]]:
    """Return how each channel's row stands, and what went wrong with it."""
    return {item.channel: (item.state, item.last_error) for item in box.items().values()}


def test_what_waits_for_the_last_way_goes_where_that_is_now(box: Box) -> None:
    """Somebody changed the fallback while it waited."""
    fallen_back(box)
    other = msgspec.structs.replace(OWN, scheduler=Scheduling(fallback="eva"))
    assert [revising.revise(box.service, other, "one") for _ in range(2)] == [1, 0]
    dead = ("dead", "no such user")
    assert rows(box) == {"ben": dead, "file": ("dropped", None), "eva": ("pending", None)}


def test_what_nobody_else_would_be_told_stays(box: Box) -> None:
    """Without another last way out it goes where it was to go."""
    fallen_back(box)
    assert revising.revise(box.service, OWN, "one") == 0
    assert rows(box)["file"] == ("pending", None)


def test_who_gets_a_row_back_begins_anew(box: Box) -> None:
    """What went wrong before says nothing of now."""
    box.put(issued(box, "b", 0, "anna"))
    box.clock.now += 30 * MINUTE
    (parcel,) = box.claim(channel="anna")
    with box.service.database.writing() as conn:
        queue.failed(conn, "one", parcel.ids, "busy", box.clock.now)
    for who in ("ben", "anna"):
        belongs(box, 0, who)
        revising.revise(box.service, OWN, "one")
    assert rows(box)["anna"] == ("pending", None)


def many_are_given_away(box: Box) -> list[int]:
    """Give many rows to Ben; return how many rows each transaction changed."""
    belongs(box, 0, "ben")
    box.put(*(issued(box, str(number), 0, "anna") for number in range(5)))
    made, make = list[int](), revising._Revision.make

    def counted(revision: revising._Revision) -> int:
        made.append(make(revision))
        return made[-1]

    with pytest.MonkeyPatch.context() as counting:
        counting.setattr(revising._Revision, "make", counted)
        assert revising.revise(box.service, OWN, "one") == 5
    return made


def test_many_are_given_away_by_portions(box: Box, monkeypatch) -> None:
    """Neither does a statement name more than it can, nor does anybody wait for all of them."""
    monkeypatch.setattr(listing, "_AT_ONCE", 2)
    assert many_are_given_away(box) == [2, 2, 1]
    assert sorted(item.state for item in box.items().values()) == ["dropped"] * 5 + ["pending"] * 5


def test_between_two_portions_it_can_be_told_to_stop(box: Box) -> None:
    """The next turn goes on."""
    belongs(box, 0, "ben")
    box.put(issued(box, "a", 0, "anna"))
    assert revising.revise(box.service, OWN, "one", lambda: True) == 0


SHARED = site(
    Recipient("file", coordinator="anna", quiet_hours="09:30-12:00"),
    Recipient("file", coordinator="ben"),
)


def torn(box: Box) -> list[Parcel]:
    """Let a bundle fail before it is quiet for one of those it is for; return what goes then."""
    names = {str(n): "anna" if n < 3 else "ben" for n in range(6)}
    box.put(*(entry(name, coordinator=who) for name, who in names.items()))
    (bundle,) = box.claim()
    with box.service.database.writing() as conn:
        queue.failed(conn, "one", bundle.ids, "busy", NOW + 40 * MINUTE)
    box.clock.now = NOW + 40 * MINUTE
    revising.revise(box.service, SHARED, "one")
    return box.claim()


def test_a_bundle_is_not_torn_apart(box: Box) -> None:
    """All of it waits, and goes under its id when it is quiet for nobody in it."""
    assert torn(box) == []
    box.clock.now = NOW + 180 * MINUTE
    assert [len(parcel.items) for parcel in box.claim()] == [6]


def test_twin_by_rows_it_goes_in_parts(box: Box, monkeypatch) -> None:
    """Were only Anna's rows held, Ben's would go under the id under which hers come later."""
    monkeypatch.setattr(queue.bundling, "message_of", lambda: queue.t.c.id)
    assert torn(box) != []
