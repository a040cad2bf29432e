"""Reminders as a calendar."""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from tests.cli.conftest import episode
from tests.interchange.conftest import Tracker
from tests.pathway.histories import EPISODE, at, in_order, opened, void
from tests.pathway.strategies import histories
from tracker.events import Recorded
from tracker.history import timeline
from tracker.interchange import ics
from tracker.pathway import Status, builtin_protocol, evaluate

__all__ = ["episode"]

PROTOCOL = builtin_protocol()
WOUND = "wound-examination"


class Shown(NamedTuple):
    """An event as a calendar shows it."""

    sequence: int
    start: datetime.datetime
    end: datetime.datetime
    status: str


class Diary(dict[str, Shown]):
    """A calendar program: keeps one event per UID, that of the highest sequence."""

    def take(self, file: str | bytes) -> None:
        """Import a file."""
        for event in events(file):
            uid, shown = str(event["UID"]), show(event)
            if uid not in self or self[uid].sequence < shown.sequence:
                self[uid] = shown

    def standing(self) -> set[tuple[datetime.datetime, datetime.datetime]]:
        """Return start and end of what is not cancelled."""
        return {(s.start, s.end) for s in self.values() if s.status == "CONFIRMED"}


def events(file: str | bytes) -> list[Any]:
    """Read a file; every event must be understood."""
    found = Calendar.from_ical(file).walk("VEVENT")
    assert all(not event.errors for event in found)
    return list(found)


def show(event: Any) -> Shown:
    """Return what a calendar shows of an event."""
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    return Shown(int(event["SEQUENCE"]), start, end, str(event["STATUS"]))


def exported(tracker: Tracker) -> str:
    """Export the episode as a calendar."""
    return tracker.ok("export", "case-1", "--as", "ics")


def test_an_event_for_each_reminder(episode: Tracker) -> None:
    """Each live reminder is an event from its opening to its due time."""
    live = ("scheduled", "open", "overdue")
    owed = [r for r in episode.json("show", "case-1")["reminders"] if r["status"] in live]
    diary = Diary()
    diary.take(exported(episode))
    for reminder in owed:
        start, end = (datetime.datetime.fromisoformat(reminder[k]) for k in ("opens_at", "due_at"))
        assert (start, max(end, start + datetime.timedelta(minutes=15))) in diary.standing()
    assert len(diary) == len(owed) > 1


def test_an_event_says_what_and_how(episode: Tracker) -> None:
    """It has the short id, what is owed and the command, and is required to be valid."""
    name = episode.json("show", "case-1")["episode"]
    for event in events(exported(episode)):
        assert str(event["SUMMARY"]).startswith(f"{name} ")
        assert "Run: tracker " in event["DESCRIPTION"]
        assert name in event["DESCRIPTION"]
        assert "DTSTAMP" in event
        assert str(event["UID"]).endswith("@csf-tracker")


def test_nobody_is_named(episode: Tracker) -> None:
    """Neither the record number nor the reference nor an event's id nor a URL is in it."""
    text = exported(episode).replace("\r\n ", "")
    for word in ("MRN1", "case-1", ":head", "opened", "://"):
        assert word not in text


def test_the_same_again_is_the_same(episode: Tracker) -> None:
    """Without anything new a later export is the same, byte for byte."""
    first = exported(episode)
    episode.clock.tick(3600)
    assert exported(episode) == first


def test_imported_twice_it_doubles_nothing(episode: Tracker) -> None:
    """A calendar that takes the file twice has each event once."""
    diary = Diary()
    diary.take(exported(episode))
    once = dict(diary)
    diary.take(exported(episode))
    assert diary == once


def test_twin_other_uids_would_double(episode: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a UID made anew each time, the calendar would hold everything twice."""
    diary = Diary()
    diary.take(exported(episode))
    once = len(diary)
    monkeypatch.setattr(ics.uuid, "uuid5", lambda *_: ics.uuid.uuid4())
    diary.take(exported(episode))
    assert len(diary) == 2 * once


def test_a_correction_moves_the_event(episode: Tracker) -> None:
    """When a time is corrected the event has the new window and a higher sequence."""
    before = {str(e["UID"]): show(e) for e in events(exported(episode))}
    episode.ok(
        "correct", "case-1", "head", "--set", "occurred_at=2026-03-03T10:00:00Z", "--reason", "x"
    )
    after = {str(e["UID"]): show(e) for e in events(exported(episode))}
    assert after.keys() == before.keys()
    moved = [uid for uid in before if before[uid].start != after[uid].start]
    assert moved
    assert all(after[uid].sequence > before[uid].sequence for uid in moved)


SITE = """
base = "csf-leak-post-spine-surgery@1"
version = "1.site"
[reminders.wound-examination]
text = "Look at the wound"
"""


def words(tracker: Tracker) -> dict[str, tuple[int, str]]:
    """Return sequence and summary of every event."""
    found = events(exported(tracker))
    return {str(e["UID"]): (int(e["SEQUENCE"]), str(e["SUMMARY"])) for e in found}


def test_other_words_change_the_event(episode: Tracker, tmp_path: Path) -> None:
    """A calendar that has the event takes the words of a protocol that was adopted since."""
    (tmp_path / "site.toml").write_text(SITE)
    name = episode.json("protocol", "add", str(tmp_path / "site.toml"))["name"]
    before = words(episode)
    episode.clock.tick(3600)
    episode.ok("protocol", "adopt", "case-1", name, "--yes")
    after = words(episode)
    (uid,) = [uid for uid in before if before[uid][1] != after[uid][1]]
    assert after[uid][1].endswith("Look at the wound")
    assert after[uid][0] > before[uid][0]


def test_what_is_gone_is_cancelled(episode: Tracker) -> None:
    """When the ground of reminders is voided, a calendar that has them cancels them."""
    diary = Diary()
    diary.take(exported(episode))
    assert diary.standing()
    episode.ok("void", "case-1", "head", "--reason", "another patient")
    diary.take(exported(episode))
    assert not diary.standing()


def test_what_is_done_is_cancelled(episode: Tracker) -> None:
    """A reminder that is settled is cancelled; one that comes back stands again."""
    diary = Diary()
    for words in (
        (),
        ("record", "wound-examined", "case-1", "--id", "w", "--drainage", "none"),
        ("void", "case-1", "w", "--reason", "x"),
    ):
        if words:
            episode.ok(*words)
        diary.take(exported(episode))
        wound = [e for e in events(exported(episode)) if str(e["CATEGORIES"].cats[0]) == WOUND]
        assert [str(e["STATUS"]) for e in wound] == [
            "CANCELLED" if "record" in words else "CONFIRMED"
        ]
        assert diary[str(wound[0]["UID"])] == show(wound[0])


def test_the_calendar_of_a_coordinator(episode: Tracker) -> None:
    """It holds the reminders of that coordinator's episodes and of no other."""
    mine = episode.ok("calendar", "--coordinator", "anna")
    assert {e["UID"] for e in events(mine)} == {e["UID"] for e in events(exported(episode))}
    assert events(episode.ok("calendar", "--mine")) != []
    assert events(episode.ok("calendar", "--coordinator", "ben")) == []


@pytest.mark.parametrize("words", [(), ("--mine", "--coordinator", "anna")])
def test_whose_calendar(episode: Tracker, words: tuple[str, ...]) -> None:
    """It must be said, once, whose calendar it is."""
    assert episode.refused("calendar", *words)[0] == 2


def test_nothing_else_is_exported(episode: Tracker) -> None:
    """A form that is unknown is refused, and the forms are named."""
    code, told = episode.refused("export", "case-1", "--as", "xls")
    assert code == 2
    assert "--as ics" in told


class Evaluations:
    """Evaluates by the built-in protocol; the beginnings of one history each once."""

    def __init__(self) -> None:
        self._done: dict[tuple[int, datetime.datetime], Status] = {}

    def __call__(self, history: Sequence[Recorded], now: datetime.datetime) -> Status:
        """Evaluate a beginning of the history."""
        key = (len(history), now)
        if key not in self._done:
            self._done[key] = evaluate(timeline(history), PROTOCOL, now)
        return self._done[key]


def files(
    history: Sequence[Recorded], moments: Iterable[datetime.datetime]
) -> Iterable[tuple[bytes, Status]]:
    """Yield a calendar after every event and at moments in between, with how it was then."""
    asked, status = sorted(moments), Evaluations()
    for number, event in enumerate(history, 1):
        known = history[:number]
        until = history[number].recorded_at if number < len(history) else None
        between = [m for m in asked if m >= event.recorded_at and (until is None or m < until)]
        for now in (event.recorded_at, *between):
            made = ics.entries(known, status, now)
            yield ics.calendar("c", ics.vevents(EPISODE, "E-1", made, PROTOCOL)), status(known, now)


def follow(history: Sequence[Recorded], moments: Iterable[datetime.datetime]) -> None:
    """Take every file into one calendar, which must always show what is owed."""
    diary = Diary()
    for file, now in files(history, moments):
        for event in events(file):
            held = diary.get(str(event["UID"]))
            assert held is None or held.sequence <= int(event["SEQUENCE"])
        diary.take(file)
        owed = {(r.opens_at.replace(microsecond=0), ics._end(r).replace(microsecond=0))
                for r in now.reminders if r.live}  # fmt: skip
        assert diary.standing() == owed


def afterwards(history: Sequence[Recorded]) -> st.SearchStrategy[list[datetime.datetime]]:
    """Return a few moments from the first event on."""
    first = history[0].recorded_at
    hours = st.integers(0, 24 * 100)
    return st.lists(hours.map(lambda h: first + datetime.timedelta(hours=h)), max_size=4)


@given(st.data())
def test_a_calendar_follows(data: st.DataObject) -> None:
    """Whatever is recorded, and whenever it is exported, the calendar shows what is owed."""
    history = data.draw(histories())
    follow(history, data.draw(afterwards(history)))


def test_twin_without_a_sequence_it_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sequence that never rises the calendar keeps what is long gone."""
    history = in_order(
        [
            *opened("UTC", "2026-03-01 08:00"),
            *at("2026-03-02 08:00", "headache-assessed", id="h", posture="orthostatic"),
            *void("2026-03-02 09:00", "h"),
        ]
    )
    follow(history, ())
    made = ics.Entry
    monkeypatch.setattr(ics, "Entry", lambda r, live, _, at: made(r, live, 0, at))
    with pytest.raises(AssertionError):
        follow(history, ())
