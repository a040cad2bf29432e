"""Whose clocks show the instants that a text of the pathway names, or that a site looks at.

The pathway and the audit write instants in UTC, so that their words are the same wherever they are
read; people read them in the zone of the patient.
"""

import datetime
import re
from typing import TYPE_CHECKING

from tracker.times import local

if TYPE_CHECKING:
    from tracker.cli.session import Session

_INSTANT = re.compile(
    r"\b([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)Z\b"
)


def in_zone(text: str, zone: str) -> str:
    """Return a text with each instant in UTC (`2026-03-01 09:00Z`) as a clock there shows it."""

    def there(match: re.Match[str]) -> str:
        try:
            instant = datetime.datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00")
            return local(instant, zone)
        except (ValueError, OverflowError):  # looks like an instant and is none
            return match[0]

    return _INSTANT.sub(there, text)


def site_zone(session: "Session") -> str:
    """Return the zone in which whoever runs the site reads times: the configured one, else UTC."""
    return session.settings.time_zone or "UTC"
