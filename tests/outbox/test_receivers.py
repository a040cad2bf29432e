"""Real receivers that are slow, hang, drip or fail: the others get theirs meanwhile."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.channels.conftest import direct
from tests.channels.servers import STEPS, mail_server, web_server
from tests.outbox.conftest import Box, entry
from tests.outbox.test_lanes import inline
from tracker.channels.configured import Channels
from tracker.channels.settings import read_site
from tracker.outbox.deliver import Delivered, Pace, deliver

__all__ = ["direct"]

HOOK = """
[channels.{name}]
kind = "webhook"
url = "{url}"
secret_env = "SECRET"
"""
MAIL = """
[channels.mail]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "tracker@example.org"
"""
LOG = """
[channels.log]
kind = "file"
path = "log.jsonl"
"""
BAD = {"drips": "drip", "hangs": "hang", "busy": (429, {}), "broken": (500, {})}
SHORT = 1.5
"""Seconds that a message may take here; the mail server takes more, a step at a time."""
TO_WARD = entry("mail", "mail", recipient="ward@example.org")


@pytest.fixture
def troubled(box: Box, tmp_path: Path) -> Iterator[Channels]:
    """A site with a receiver for each kind of trouble, and a file."""
    with ExitStack() as servers:
        text = LOG
        for name, answer in BAD.items():
            web = servers.enter_context(web_server(answer))
            text += HOOK.format(name=name, url=web.url)
        mail = servers.enter_context(mail_server())
        mail.pauses = dict.fromkeys(STEPS, SHORT / 3)
        home = tmp_path / "home"
        (home / "config.toml").write_text(text + MAIL.format(port=mail.port))
        yield Channels(
            read_site(box.service.database.location),
            clock=box.service.now,
            write=print,
            environ={"SECRET": "s" * 40},
        )


def fill(box: Box) -> None:
    """Put a message for each channel into the outbox."""
    box.put(*(entry(name, name) for name in (*BAD, "log")), TO_WARD)


def run(box: Box, channels: Channels, seconds: float = SHORT) -> Delivered:
    """Deliver once, with so long for a message."""
    return deliver(box.service, channels, "one", pace=Pace(tries=1, one_send=seconds, grace=0))


def test_who_is_in_trouble_holds_up_nobody(
    box: Box, troubled: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All fail side by side, each for its reason, and the file has its message first."""
    order = recorded(monkeypatch)
    fill(box)
    done = run(box, troubled)
    told = {channel: what for _, channel, what in done.failed}
    assert sorted(told) == ["broken", "busy", "drips", "hangs", "mail"]
    assert ("429" in told["busy"], "500" in told["broken"]) == (True, True)
    assert [told[name][:8] for name in ("drips", "hangs", "mail")] == ["not done"] * 3
    assert order.index("log") < order.index("drips")
    log = troubled.site.directory / "log.jsonl"
    assert json.loads(log.read_text())["kind"] == "early-review"


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the channels in the order in which it was settled what became of their messages."""
    from tracker.outbox import queue

    order: list[str] = []
    for name, ids in (("delivered", 2), ("failed", 2)):
        write = getattr(queue, name)

        def told(*given, write=write, ids=ids):
            order.extend(given[ids])
            return write(*given)

        monkeypatch.setattr(queue, name, told)
    return order


def test_twin_in_one_lane_the_file_waits_for_them(
    box: Box, troubled: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, whoever comes later waits for all that hang before."""
    monkeypatch.setattr(threading.Thread, "start", inline(threading.Thread.start))
    fill(box)
    order = recorded(monkeypatch)
    run(box, troubled)
    assert order.index("log") > order.index("drips")


def test_twin_without_the_bound_who_is_slow_gets_it(box: Box, troubled: Channels) -> None:
    """The mail server answers each time before its silence is too long, and takes its time."""
    box.put(TO_WARD)
    assert run(box, troubled, seconds=20 * SHORT).sent == 1
