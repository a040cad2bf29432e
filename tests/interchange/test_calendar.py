"""A coordinator's calendar: what left it is cancelled, whoever has the episode now."""

import datetime
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import episode
from tests.interchange.conftest import Tracker
from tests.interchange.test_ics import Diary, Evaluations, events
from tests.pathway.histories import EPISODE, at, in_order
from tests.pathway.strategies import histories
from tracker.cli import calendar as command
from tracker.events import Recorded
from tracker.interchange import ics
from tracker.pathway import Status, builtin_protocol

__all__ = ["episode"]

PROTOCOL = builtin_protocol()


def take(diary: Diary, tracker: Tracker, who: str) -> Diary:
    """Import a coordinator's calendar, twice as some programs do."""
    file = tracker.ok("calendar", "--coordinator", who)
    diary.take(file)
    diary.take(file)
    return diary


def test_what_went_to_another_is_cancelled(episode: Tracker) -> None:
    """In the calendar of who had it, and it stands in that of who has it now."""
    anna, ben = take(Diary(), episode, "anna"), take(Diary(), episode, "ben")
    owed = anna.standing()
    assert owed
    assert not ben.standing()
    episode.ok("assign", "case-1", "ben")
    assert not take(anna, episode, "anna").standing()
    assert take(ben, episode, "ben").standing() == owed


def test_in_one_calendar_it_stands_whichever_file_comes_last(episode: Tracker) -> None:
    """Who has an episode now is newer than who lost it, under the same UID."""
    episode.ok("assign", "case-1", "ben")
    for order in (("anna", "ben"), ("ben", "anna")):
        diary = Diary()
        for who in order:
            take(diary, episode, who)
        assert diary.standing()


def test_what_comes_back_stands_again(episode: Tracker) -> None:
    """Under the same UIDs."""
    diary = take(Diary(), episode, "anna")
    before = set(diary)
    for who in ("ben", "anna"):
        episode.ok("assign", "case-1", who)
        take(diary, episode, "anna")
    assert diary.standing()
    assert set(diary) == before


def test_an_assignment_that_was_wrong_is_cancelled(episode: Tracker) -> None:
    """Voided, it was never Ben's, but his calendar had it."""
    episode.ok("assign", "case-1", "ben", "--id", "to-ben")
    ben = take(Diary(), episode, "ben")
    assert ben.standing()
    episode.ok("void", "case-1", "to-ben", "--reason", "another patient")
    assert not take(ben, episode, "ben").standing()


def closed(tracker: Tracker) -> Diary:
    """Close an episode that was in a calendar; return the calendar then."""
    diary = take(Diary(), tracker, "anna")
    assert diary.standing()
    words = ("--outcome", "excluded", "--reason", "not a leak")
    tracker.ok("record", "episode-closed", "case-1", *words)
    return take(diary, tracker, "anna")


def test_what_was_closed_is_cancelled(episode: Tracker) -> None:
    """Although the episode is in no list any more."""
    assert not closed(episode).standing()


def test_twin_of_who_has_left_a_calendar_keeps_ghosts(episode: Tracker, monkeypatch) -> None:
    """Were only episodes in care looked at, what was closed would stand for ever."""
    monkeypatch.setattr(command, "_departed", lambda *_, known: [])
    assert closed(episode).standing()


def test_what_left_long_ago_is_told_no_more(episode: Tracker) -> None:
    """A file does not grow for ever."""
    episode.ok("assign", "case-1", "ben")
    assert events(episode.ok("calendar", "--coordinator", "anna")) != []
    episode.clock.tick(datetime.timedelta(days=89))
    assert events(episode.ok("calendar", "--coordinator", "anna")) != []
    episode.clock.tick(datetime.timedelta(days=2))
    assert events(episode.ok("calendar", "--coordinator", "anna")) == []


def test_what_was_never_theirs_is_not_told(episode: Tracker) -> None:
    """An episode that goes from one to another is in no third one's calendar."""
    episode.ok("assign", "case-1", "ben")
    assert events(episode.ok("calendar", "--coordinator", "carla")) == []


def test_nor_is_what_ended_before_it_was_theirs(episode: Tracker) -> None:
    """Who takes an episode over gets no cancellations of what was done before."""
    episode.ok("record", "wound-examined", "case-1", "--drainage", "none")
    episode.ok("assign", "case-1", "ben")
    found = events(episode.ok("calendar", "--coordinator", "ben"))
    assert {str(event["STATUS"]) for event in found} == {"CONFIRMED"}


def handed_around(draw: st.DataObject) -> list[Recorded]:
    """Return a random history in which the episode changes hands at random."""
    history = draw.draw(histories())
    opened = history[0].recorded_at
    found = list(history)
    for hours, who in draw.draw(
        st.lists(st.tuples(st.integers(1, 2000), st.sampled_from(("anna", "ben"))), max_size=4)
    ):
        when = f"{opened + datetime.timedelta(hours=hours):%Y-%m-%d %H:%M}"
        found += at(when, "episode-assigned", to=who)
    return in_order(found)


def follow(history: Sequence[Recorded]) -> None:
    """Take both files into a calendar each after every event: they show what is owed by whom."""
    evaluate, diaries = Evaluations(), {"anna": Diary(), "ben": Diary()}
    for number, event in enumerate(history, 1):
        known, now = history[:number], event.recorded_at
        status = evaluate(known, now)
        for who, diary in diaries.items():
            made = ics.entries(known, evaluate, now, lambda s, who=who: s.coordinator == who)
            diary.take(ics.calendar("c", ics.vevents(EPISODE, "E-1", made, PROTOCOL)))
            assert diary.standing() == owed(status, who)


def owed(status: Status, who: str) -> set[tuple[datetime.datetime, datetime.datetime]]:
    """Return start and end of what a coordinator owes."""
    if status.coordinator != who:
        return set()
    return {(r.opens_at.replace(microsecond=0), ics._end(r).replace(microsecond=0))
            for r in status.reminders if r.live}  # fmt: skip


@given(st.data())
def test_calendars_follow_an_episode_from_hand_to_hand(draw: st.DataObject) -> None:
    """Whatever is recorded, each coordinator's calendar shows what that one owes."""
    follow(handed_around(draw))


def test_twin_without_the_coordinator_both_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were nobody asked whose it is, the former one's calendar would keep it."""
    history = in_order(
        [
            *at("2026-03-01 08:00", "episode-opened", patient="P", coordinator="anna"),
            *at("2026-03-02 08:00", "headache-assessed", posture="orthostatic"),
            *at("2026-03-02 09:00", "episode-assigned", to="ben"),
        ]
    )
    follow(history)
    live = ics._live
    monkeypatch.setattr(ics, "_live", lambda status, _: live(status, ics.anybodys))
    with pytest.raises(AssertionError):
        follow(history)
