"""The address outside that is told of a good tick: whatever it answers, the tick is done."""

import http.client
import threading

import pytest

from tests.channels.servers import Web, web_server
from tests.scheduler.conftest import Tracker
from tracker.channels.deadline import Deadline
from tracker.outbox.attempt import Attempt
from tracker.scheduler import work


def tick(tracker: Tracker, web: Web) -> tuple[str, str]:
    """Tick with a server as the address that is told; return what was printed and said."""
    (tracker.home / "config.toml").write_text(f'[scheduler]\nping_url = "{web.url}"\n')
    result = tracker.run("scheduler", "tick", "--format", "json")
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


@pytest.mark.parametrize("answer", ["babble", "close", (500, {})])
def test_a_tick_whose_ping_fails_is_reported_whole(answer: str, patched: Tracker) -> None:
    """An answer that is no HTTP, none at all, or an error: what was issued is told."""
    with web_server(answer) as web:
        printed, said = tick(patched, web)
    assert '"issued"' in printed
    assert "The ping address did not answer" in said


def test_twin_an_answer_that_is_no_http_breaks_through() -> None:
    """It is neither an error of the system nor one of a value."""
    with web_server("babble") as web, pytest.raises(http.client.BadStatusLine) as told:
        work._ask(web.url)
    assert not isinstance(told.value, OSError | ValueError)


def test_an_answer_that_drips_holds_up_no_tick(patched: Tracker, monkeypatch) -> None:
    """Bytes that come and come are no answer."""
    monkeypatch.setattr(work, "PING_SECONDS", 0.2)
    with web_server("drip") as web:
        assert "The ping address did not answer" in tick(patched, web)[1]


def test_a_name_that_is_looked_up_for_ever_holds_up_no_tick(patched: Tracker, monkeypatch) -> None:
    """There is no connection yet that could be cut."""
    over = threading.Event()
    monkeypatch.setattr(work, "PING_SECONDS", 0.2)
    monkeypatch.setattr(work, "_ask", lambda _: over.wait(30))
    with web_server() as web:
        assert "The ping address did not answer" in tick(patched, web)[1]
    over.set()


def test_twin_without_the_deadline_it_holds_up_all(monkeypatch) -> None:
    """A bound on silence alone never ends what is not silent."""
    monkeypatch.setattr(work, "PING_SECONDS", 0.2)
    monkeypatch.setattr(Deadline, "_cut", lambda _: None)
    with web_server("drip") as web:
        assert not Attempt(lambda: work._ask(web.url)).wait(0.6, lambda: False, 0)
