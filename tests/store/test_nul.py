"""A text that no server keeps, since it holds a NUL character: said so, never cut short."""

import pytest
from sqlalchemy import text

from tests.store.recording import new, now, opening, saying
from tracker.errors import StoreError
from tracker.reminders.tick import tick
from tracker.service import Service

pytestmark = pytest.mark.backends("postgresql")
REFUSED = "cannot keep a NUL character"


def test_a_name_is_refused(service: Service) -> None:
    """What comes before the character may be the name of another episode."""
    with pytest.raises(StoreError, match=REFUSED):
        service.append(None, saying(opening(reference="case-1\0x")))
    assert list(service.all_episodes()) == []


def test_a_row_is_marked(service: Service) -> None:
    """The fact is in the log as it was told, and no list shows a part of it."""
    done = service.append(None, saying(opening(patient="P1\0x")))
    assert (done.parked, len(service.parked()), len(done.events)) == (True, 1, 1)
    with service.database.reading() as conn:
        assert conn.execute(text("SELECT patient FROM episode_index")).all() == []


def test_a_rebuild_says_what_cannot_be_kept(service: Service) -> None:
    """It comes from an event, or from the configuration, and not from the URL."""
    service.append(None, saying(opening(site="North\0East")))
    with pytest.raises(StoreError, match=REFUSED) as caught:
        service.rebuild()
    assert "correct the event" in str(caught.value.hint)


def test_a_tick_goes_on_with_the_others(service: Service) -> None:
    """It fails for the episode that the text is in, and stops no other's reminders."""
    episodes = {}
    for name, coordinator in (("1", "ann\0x"), ("2", "ann")):
        told = (opening(name, coordinator=coordinator), new("leak-suspected", 10))
        episodes[name] = service.append(None, saying(*told)).episode.uuid
    done = tick(service, now())
    assert [episode for episode, _ in done.failed] == [str(episodes["1"])]
    assert {event.topic for event in service.history(episodes["2"])} >= {"reminder-issued"}
