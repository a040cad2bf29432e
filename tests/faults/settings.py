"""How much is tried: little in the test suite, as much as `scripts/faults` is told otherwise."""

import os


def setting(name: str, default: int) -> int:
    """Return a number that `scripts/faults` was given, or the default."""
    return int(os.environ.get(f"FAULTS_{name}", default))


SEED = setting("SEED", 20260320)
KILLS = setting("KILLS", 300)
REMINDERS = setting("REMINDERS", 500)
VECTORS = setting("VECTORS", 2_000)
FILES = setting("FILES", 150)
INTERRUPTS = setting("INTERRUPTS", 2)
OWED = setting("OWED", 200)
DEATHS = setting("DEATHS", 8)
BACKENDS = setting("BACKENDS", 20)
STOPS = setting("STOPS", 2)
ATTACKS = setting("ATTACKS", 90)
FLIPS = setting("FLIPS", 300)
BUNDLES = setting("BUNDLES", 150)
