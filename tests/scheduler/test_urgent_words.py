"""What is urgent looks urgent: its subject, its ground, what is new, and its place in a digest."""

import json
from typing import Any

from tests.scheduler.conftest import ONE_LOG, Tracker
from tests.scheduler.test_digest import PEOPLE, told

CONFIG = ONE_LOG + "levels = [0, 1, 2]\n"
PLAIN = CONFIG.replace('"log.jsonl"', '"log.jsonl"\ntemplate = "words.txt"')


def record(tracker: Tracker, *present: str) -> None:
    """Record symptoms."""
    options = [option for name in present for option in ("--present", name)]
    tracker.ok("record", "symptoms-recorded", "Ms-Miller", *options)


def sent(tracker: Tracker) -> list[dict[str, Any]]:
    """Return the urgent messages that went out."""
    lines = (tracker.home / "log.jsonl").read_text().splitlines()
    return [message for line in lines if (message := json.loads(line))["urgent"]]


def test_the_subject_says_urgent_and_the_body_why(patched: Tracker) -> None:
    """The rule is named, and nothing of the patient."""
    (patched.home / "config.toml").write_text(CONFIG)
    record(patched, "seizure")
    (message,) = sent(patched)
    assert message["subject"].startswith("URGENT ")
    assert "because of neurological-deficit" in message["body"]
    assert not {"MRN-4711", "Ms-Miller"} & set(message["body"].split())


def test_what_is_new_is_said(patched: Tracker) -> None:
    """Renewed, it tells which ground came since, beside those it rests on."""
    (patched.home / "config.toml").write_text(CONFIG)
    record(patched, "seizure")
    patched.clock.move_to("2026-03-03T10:00:00Z")
    patched.ok("scheduler", "tick")
    patched.clock.move_to("2026-03-03T10:01:00Z")
    record(patched, "fever", "neck-stiffness")
    message = sent(patched)[-1]
    assert message["phase"] == "renewed"
    assert message["news"] == ["meningitis-suspected"]
    assert "neurological-deficit" in message["body"]
    assert "new: meningitis-suspected" in message["body"]


def test_a_template_cannot_take_it_away(patched: Tracker) -> None:
    """Whatever words a site has chosen, it looks urgent."""
    (patched.home / "words.txt").write_text("Subject: $episode\n\nPlease run $command\n")
    (patched.home / "config.toml").write_text(PLAIN)
    record(patched, "seizure")
    (message,) = sent(patched)
    assert message["subject"].startswith("URGENT ")
    assert message["body"].startswith("URGENT, because of neurological-deficit")


def test_a_digest_has_it_first_and_marked(patched: Tracker) -> None:
    """Before what has been overdue for longer; alerts have their severity."""
    (patched.home / "config.toml").write_text(PEOPLE)
    patched.ok("assign", "Ms-Miller", "anna")
    patched.ok("scheduler", "tick")
    patched.clock.move_to("2026-03-05T06:00:00Z")
    record(patched, "seizure")
    patched.clock.move_to("2026-03-05T07:00:00Z")
    patched.run("scheduler", "tick")
    (digest,) = told(patched, "anna")
    assert "1 URGENT" in digest["subject"]
    assert digest["overdue"][0]["what"] == "complication-review"
    assert len(digest["overdue"]) > 1
    assert "URGENT  " in digest["body"]
    assert {alert["severity"] for alert in digest["new_alerts"]} >= {"urgent"}
