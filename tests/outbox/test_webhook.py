"""From the tick to a real server that fails at first: one message, one key, delivered at last."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.scheduler.conftest import Tracker, clock, patched, tracker

__all__ = ["clock", "patched", "tracker"]


class Receiver(HTTPServer):
    """Answers as it is told to, one code after the other, and keeps what came."""

    answers: list[int]
    keys: list[str]
    bodies: list[dict[str, object]]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.keys.append(self.headers["Idempotency-Key"])
        length = int(self.headers["Content-Length"])
        self.server.bodies.append(json.loads(self.rfile.read(length)))
        code = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(code)
        if code == 429:
            self.send_header("Retry-After", "3600")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver(patched: Tracker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A webhook that everybody is told by."""
    monkeypatch.setenv("HOOK_SECRET", "a long and shared secret")
    with Receiver(("127.0.0.1", 0), _Handler) as server:
        server.answers, server.keys, server.bodies = [], [], []
        (patched.home / "config.toml").write_text(
            '[channels.hook]\nkind = "webhook"\nsecret_env = "HOOK_SECRET"\n'
            f'url = "http://127.0.0.1:{server.server_port}/"\n'
            '[[recipients]]\nchannel = "hook"\n'
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def tick(tracker: Tracker, time: str) -> int:
    """Tick at a time; return the exit code."""
    tracker.clock.move_to(time)
    return tracker.run("scheduler", "tick").exit_code


def test_a_server_that_fails_gets_it_again(patched: Tracker, receiver: Receiver) -> None:
    """At once, and later, always under the same key."""
    receiver.answers = [500, 500]
    assert tick(patched, "2026-03-03T11:00:00Z") == 1
    assert tick(patched, "2026-03-03T11:01:00Z") == 0
    assert len(receiver.keys) == 3
    assert len(set(receiver.keys)) == 1
    assert "observation-end" in str(receiver.bodies[-1])


def test_a_server_that_asks_for_peace_gets_it(patched: Tracker, receiver: Receiver) -> None:
    """No second try at once, and none before the time that it names."""
    receiver.answers = [429]
    assert tick(patched, "2026-03-03T11:00:00Z") == 1
    assert tick(patched, "2026-03-03T11:59:00Z") == 1
    assert len(receiver.keys) == 1
    assert tick(patched, "2026-03-03T12:00:01Z") == 0
    assert len(receiver.keys) == 2


def test_a_server_that_refuses_is_not_asked_again(patched: Tracker, receiver: Receiver) -> None:
    """The message is dead, and says why."""
    receiver.answers = [422]
    assert tick(patched, "2026-03-03T11:00:00Z") == 1
    (row,) = patched.json("outbox", "list")
    assert (row["state"], "422" in row["last_error"]) == ("dead", True)
