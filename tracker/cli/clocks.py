"""The instants that a text of the pathway names, as a clock in the episode's zone shows them.

The pathway and the audit write instants in UTC, so that their words are the same wherever they are
read; people read them in the zone of the patient.
"""

import datetime
import re

from tracker.times import local

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
