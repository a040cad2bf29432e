"""Looks in a bundle."""

from collections.abc import Iterable

import msgspec

from tracker.access import entry
from tracker.access.chain import GENESIS, link
from tracker.access.entry import Access
from tracker.audit.bundle.lines import Look
from tracker.audit.faults import Fault


def read(state: bytes) -> Access | None:
    """Read what is stored for a look, None if it is none."""
    try:
        return entry.read(state)
    except msgspec.DecodeError:
        return None


def walk(looks: Iterable[Look | None]) -> tuple[list[bytes], Fault | None]:
    """Return the hashes of all looks, up to the first that does not stand up, and why it does not.

    None stands for a line that is not in the form.
    """
    hashes: list[bytes] = []
    for at, look in enumerate(looks, 1):
        previous = hashes[-1] if hashes else GENESIS
        if look is None:
            return hashes, Fault("access", at, "form", "the line is not in the form")
        if look.position != at:
            told = f"missing: the next look has position {look.position}"
        elif look.hash != link(previous, at, look.state):
            told = "the hash does not fit what is stored"
        elif read(look.state) is None:
            told = "what is stored is no look"
        else:
            hashes.append(look.hash)
            continue
        return hashes, Fault("access", at, "access", told)
    return hashes, None
