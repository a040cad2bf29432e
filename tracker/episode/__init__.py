"""Decisions: what may be appended, and what a command becomes. Pure.

Each takes the history, the command and the time, and returns the events to append; no events
means "already true".
"""

from tracker.episode.amending import correct, void
from tracker.episode.care import adopt, assign
from tracker.episode.command import Judge, Meta
from tracker.episode.finding import find_event
from tracker.episode.followup import acknowledge, snooze, waive
from tracker.episode.opening import (
    IMPLIED,
    fill_opening,
    new_short_id,
    open_episode,
)
from tracker.episode.recording import record
from tracker.episode.validation import checked, event_type

__all__ = [
    "IMPLIED",
    "Judge",
    "Meta",
    "acknowledge",
    "adopt",
    "assign",
    "checked",
    "correct",
    "event_type",
    "fill_opening",
    "find_event",
    "new_short_id",
    "open_episode",
    "record",
    "snooze",
    "void",
    "waive",
]
