"""A chain of a bundle that stands up by itself, for comparison with what is stated of it."""

from collections.abc import Sequence

from tracker.access.chain import GENESIS as ACCESS_GENESIS
from tracker.audit.against import Claim
from tracker.audit.bundle.contents import Chain
from tracker.audit.checkpoint import Extent
from tracker.audit.faults import Part
from tracker.store.chain import GENESIS

GENESES: dict[str, bytes] = {"events": GENESIS, "access": ACCESS_GENESIS}


class Hashes:
    """All hashes of a chain."""

    def __init__(self, part: Part, hashes: Sequence[bytes]) -> None:
        """Take the hashes from the first on."""
        self.part = part
        self.size = len(hashes)
        self.genesis = GENESES[part]
        self._hashes = hashes

    def at(self, position: int) -> bytes | None:
        """Return the hash at a position, None if there is none."""
        return self._hashes[position - 1] if 0 < position <= self.size else None

    def hashes(self, first: int, last: int) -> Sequence[bytes]:
        """Return the hashes from a position to another."""
        return self._hashes[first - 1 : last]


def own_claim(chain: Chain) -> Claim:
    """Return what a bundle states of a chain."""
    extent = Extent(chain.size, bytes.fromhex(chain.head), bytes.fromhex(chain.tree))
    return Claim("bundle.json", extent)
