"""Signs of life: who is alive, who is lost, who has ended, and the address that is told."""

import datetime
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.scheduler.conftest import Tracker
from tracker.cli.session import clock as system_clock
from tracker.config import Location
from tracker.reminders.points import RECORDED
from tracker.scheduler import Scheduler, work
from tracker.scheduler.journal import journal
from tracker.service import Service
from tracker.store.heartbeats import GRACE, Heartbeat

NOW = datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("every", "ago", "state"),
    [
        (60, 1 * MINUTE + GRACE, "alive"),
        (60, 1 * MINUTE + GRACE + SECOND, "late"),
        (60, 3 * MINUTE + GRACE, "late"),
        (60, 3 * MINUTE + GRACE + SECOND, "lost"),
        (1, MINUTE, "alive"),
        (600, 10 * MINUTE, "alive"),
        (600, 29 * MINUTE, "late"),
        (600, 31 * MINUTE, "lost"),
        (None, 61 * MINUTE, "last ran"),
    ],
)
def test_a_scheduler_is_late_after_a_turn_and_lost_after_three(
    every: int | None, ago: datetime.timedelta, state: str
) -> None:
    """Of one that a timer runs nobody knows whether it comes again."""
    assert Heartbeat(NOW - ago, "one", 0, 0, every).state(NOW) == state


def test_a_tick_in_the_future_is_no_sign_of_life() -> None:
    """A clock had gone ahead."""
    assert Heartbeat(NOW + 6 * MINUTE, "one", 0, 0, 60).state(NOW) == "ahead"


def test_who_was_stopped_is_not_lost(location: Location) -> None:
    """It has ended, and is alive again with its next tick."""
    with Service.open(location, lambda: NOW, create=True) as service:
        service.ticked(NOW, "one", {}, every=60)
        service.retired("one")
        assert [beat.state(NOW + HOUR) for beat in service.heartbeats()] == ["ended"]
        service.ticked(NOW, "one", {}, every=60)
        assert [beat.state(NOW) for beat in service.heartbeats()] == ["alive"]


def test_who_is_long_gone_is_forgotten(location: Location) -> None:
    """Every start has a name of its own; the list must not grow for ever."""
    with Service.open(location, lambda: NOW, create=True) as service:
        service.ticked(NOW - 8 * 24 * HOUR, "old", {})
        service.ticked(NOW, "new", {})
        assert [beat.scheduler for beat in service.heartbeats()] == ["new"]


class Listener(HTTPServer):
    """A server that counts who asks, and answers as it is told to."""

    asked: list[str]
    answer = 200


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that runs until the test ends."""
    with Listener(("127.0.0.1", 0), _Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def configure(tracker: Tracker, listener: Listener, more: str = "") -> None:
    """Name the server as the address that is told."""
    (tracker.home / "config.toml").write_text(
        f'[scheduler]\nping_url = "http://127.0.0.1:{listener.server_port}/alive"\n{more}\n'
    )


def test_a_good_tick_is_told_outside(patched: Tracker, listener: Listener) -> None:
    """So that somebody notices when none comes."""
    configure(patched, listener)
    patched.ok("scheduler", "tick")
    assert listener.asked == ["/alive"]


def test_a_dry_run_is_not(patched: Tracker, listener: Listener) -> None:
    """It did nothing."""
    configure(patched, listener)
    patched.ok("scheduler", "tick", "--dry-run")
    assert listener.asked == []


@pytest.fixture
def failing(patched: Tracker, listener: Listener) -> Tracker:
    """A tracker whose file of reminders cannot be written, after a tick that found that out."""
    configure(patched, listener)
    (patched.home / "reminders.jsonl").mkdir()
    patched.clock.move_to("2026-03-03T11:00:00Z")
    assert patched.run("scheduler", "tick").exit_code == 1
    return patched


def test_a_tick_that_failed_is_not(failing: Tracker, listener: Listener) -> None:
    """Silence is the alarm."""
    assert listener.asked == []


def test_a_tick_while_what_failed_waits_to_be_tried_is_not(
    failing: Tracker, listener: Listener
) -> None:
    """There is nothing to do for it now, and nothing gets out all the same."""
    result = failing.run("scheduler", "tick")
    assert (result.exit_code, listener.asked) == (1, [])


def test_twin_that_looks_at_its_own_tries_alone_says_that_all_is_well(
    failing: Tracker, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two tries nothing goes wrong, and nothing gets out."""
    monkeypatch.setattr(work, "get_out", lambda *_, **__: True)
    failing.ok("scheduler", "tick")
    assert listener.asked == ["/alive"]


def test_a_tick_after_what_failed_was_given_up_is_not(failing: Tracker, listener: Listener) -> None:
    """Until somebody has looked after it."""
    configure(failing, listener, "max_attempts = 2")
    failing.clock.move_to("2026-03-03T11:10:00Z")
    assert failing.run("scheduler", "tick").exit_code == 1
    assert failing.run("scheduler", "tick").exit_code == 1
    (dead,) = failing.json("outbox", "list", "--state", "dead")
    failing.ok("outbox", "drop", dead["id"], "--reason", "told them")
    failing.ok("scheduler", "tick")
    assert listener.asked == ["/alive"]


def running(tracker: Tracker, log: io.StringIO) -> Scheduler:
    """Return a scheduler whose jobs a test runs one by one."""
    return Scheduler(
        lambda: Service.open(tracker.location, system_clock), "ward",
        write=lambda _: None, log=journal(log, "json"),
    )  # fmt: skip


def test_one_that_stays_tells_nothing_while_messages_do_not_get_out(
    failing: Tracker, listener: Listener
) -> None:
    """Its log says that, with numbers; once they do, it tells again."""
    log = io.StringIO()
    scheduler = running(failing, log)
    scheduler.tick()
    warned = json.loads(log.getvalue().splitlines()[-1])
    assert (warned["event"], warned["failing"], listener.asked) == ("not all is well", 1, [])
    (failing.home / "reminders.jsonl").rmdir()
    failing.clock.move_to("2026-03-03T11:01:00Z")
    scheduler.deliver()
    scheduler.tick()
    assert listener.asked == ["/alive"]


def test_one_that_stays_gives_what_it_has_just_issued_a_minute(
    patched: Tracker, listener: Listener
) -> None:
    """Delivery is another job: that it has not sent yet says nothing, until it is late."""
    configure(patched, listener)
    scheduler = running(patched, io.StringIO())
    patched.clock.move_to("2026-03-03T11:00:00Z")
    scheduler.tick()
    assert listener.asked == ["/alive"]
    patched.clock.move_to("2026-03-03T11:01:01Z")
    scheduler.tick()
    assert listener.asked == ["/alive"]
    scheduler._passing(RECORDED)
    scheduler.tick()
    assert listener.asked == ["/alive", "/alive"]


def test_the_status_says_what_a_scheduler_last_delivered(failing: Tracker) -> None:
    """When, how many it sent, and how many it could not."""
    failing.run("scheduler", "tick")
    (beat,) = failing.json("scheduler", "status")["schedulers"]
    assert (beat["delivered_at"], beat["sent"], beat["failed"]) == ("2026-03-03T11:00:00Z", 1, 1)


def test_a_tick_does_not_fail_for_it(patched: Tracker, listener: Listener) -> None:
    """What was to be issued is issued, whether anybody outside hears of it or not."""
    listener.answer = 500
    configure(patched, listener)
    patched.ok("scheduler", "tick")
    assert listener.asked == ["/alive"]


def test_more_than_one_address_is_refused(patched: Tracker) -> None:
    """It would not be clear who is told."""
    (patched.home / "config.toml").write_text(
        '[scheduler]\nping_url = "https://a.example/x"\nping_url_env = "PING"\n'
    )
    code, told = patched.refused("scheduler", "tick")
    assert (code, "ping_url" in told) == (2, True)


def test_a_tick_from_the_future_tells_nothing_of_now(patched: Tracker) -> None:
    """Noted by a clock that had gone ahead: doctor fails on it, and the next tick forgets it."""
    patched.clock.move_to("2027-03-03T11:00:00Z")
    patched.ok("scheduler", "tick", "--name", "ahead")
    patched.clock.move_to("2026-03-03T12:00:00Z")
    assert "the clock had gone ahead" in patched.run("doctor").output
    patched.ok("scheduler", "tick", "--name", "right", "--trust-clock")
    assert "ahead" not in patched.ok("scheduler", "status")
