"""The table `[scheduler]` of the site's configuration."""

from pathlib import Path

import pytest

from tracker.channels.settings import read_site
from tracker.config import Location
from tracker.errors import UsageError


def read(home: Path, text: str):
    """Return the settings of the scheduler that a configuration gives."""
    (home / "config.toml").write_text(f'time_zone = "UTC"\n{text}')
    return read_site(Location(home, None)).scheduler


def test_without_a_table_the_defaults_hold(tmp_path: Path) -> None:
    """Six hours, an hour, five minutes, nobody to ping."""
    found = read(tmp_path, "")
    hours = [span.total_seconds() / 3600 for span in (found.outage, found.silence)]
    assert hours == [6.0, 1.0]
    assert found.clock_tolerance.total_seconds() == 300
    assert found.ping_address(tmp_path, {}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("outage_hours = 0", "outage_hours"),
        ("outage_hours = '6'", "outage_hours"),
        ("outages = 3", "outages"),
        ("max_attempts = 0", "max_attempts"),
        ("clock_tolerance_minutes = -1", "clock_tolerance_minutes"),
        ("fallback = 'pigeon'", "scheduler.fallback: there is no channel 'pigeon'"),
        ("ping_url = 'nowhere'", "ping_url"),
        ("ping_url = 'http://a.example/'", "ping_url"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With the file and the place."""
    with pytest.raises(UsageError, match=said) as caught:
        read(tmp_path, f"[scheduler]\n{text}\n")
    assert "config.toml" in caught.value.message


MAIL = """
[channels.mail]
kind = "smtp"
host = "mail.example.org"
sender = "a@example.org"
"""


def test_the_fallback_needs_no_address(tmp_path: Path) -> None:
    """The channels that are there without being configured will do, mail will not."""
    assert read(tmp_path, '[scheduler]\nfallback = "file"\n').fallback == "file"
    with pytest.raises(UsageError, match="'mail' needs an address"):
        read(tmp_path, f'[scheduler]\nfallback = "mail"\n{MAIL}')


def test_the_address_may_be_a_secret(tmp_path: Path) -> None:
    """Who knows it can keep the alarm quiet."""
    found = read(tmp_path, '[scheduler]\nping_url_env = "PING"\n')
    assert found.ping_address(tmp_path, {"PING": "https://a.example/x"}) == "https://a.example/x"
    with pytest.raises(UsageError, match="PING"):
        found.ping_address(tmp_path, {})
