"""Instants inside a text, shown in the zone of the patient."""

import pytest

from tracker.cli.clocks import in_zone


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("From 2026-06-27 09:00Z: review", "From 2026-06-27 11:00 +02:00: review"),
        ("due 2026-02-17T22:59:59.999999Z", "due 2026-02-17 23:59:59 +01:00"),
        ("opens 2026-03-04T08:00:00.000001Z, due", "opens 2026-03-04 09:00 +01:00, due"),
        (
            "2026-01-01 00:00Z to 2026-07-01 00:00:30Z",
            "2026-01-01 01:00 +01:00 to 2026-07-01 02:00:30 +02:00",
        ),
    ],
)
def test_instants_are_shown_in_the_zone(text: str, shown: str) -> None:
    """To the minute, to the second where there are some; summer time is that of the instant."""
    assert in_zone(text, "Europe/Berlin") == shown


@pytest.mark.parametrize(
    "text",
    ["2026-02-30 09:00Z", "9999-12-31 23:59Z", "12026-01-01 09:00Z", "2026-01-01 09:00", "L44 [2]"],
)
def test_what_is_no_instant_in_utc_stays(text: str) -> None:
    """A day that no calendar has, a year no zone reaches, a time without Z."""
    assert in_zone(text, "Europe/Berlin") == text
