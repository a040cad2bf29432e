"""The tracker of the scheduler's tests: a patched patient."""

from tests.scheduler.conftest import Tracker, clock, patched, tracker

__all__ = ["Tracker", "clock", "patched", "tracker"]
