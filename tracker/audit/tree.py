"""The tree over the hashes of a chain (RFC 6962): it proves that one link is in, showing no other.

The leaves are the hashes of all links. The root is signed with each checkpoint; the path from a
leaf to it takes some twenty hashes for a million links.
"""

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256


def leaf(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from those below it."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows; it keeps only what is needed to know its root."""

    def __init__(self) -> None:
        """Begin without leaves."""
        self.size = 0
        self._complete: list[bytes] = []
        """Roots of the complete trees it is made of, the largest first."""

    def grow(self, leaves: Iterable[bytes]) -> None:
        """Add leaves."""
        complete = self._complete
        for data in leaves:
            hash_, rest = leaf(data), self.size
            while rest & 1:
                hash_ = node(complete.pop(), hash_)
                rest >>= 1
            complete.append(hash_)
            self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._complete:
            return sha256().digest()
        *larger, root = self._complete
        for hash_ in reversed(larger):
            root = node(hash_, root)
        return root


def paths(leaves: Sequence[bytes], wanted: Collection[int]) -> dict[int, list[bytes]]:
    """Return for each wanted index the hashes beside the way from its leaf to the root."""
    found: dict[int, list[bytes]] = {index: [] for index in wanted}
    level, height = [leaf(data) for data in leaves], 0
    while len(level) > 1:
        for index, path in found.items():
            beside = (index >> height) ^ 1
            if beside < len(level):
                path.append(level[beside])
        pairs = zip(level[::2], level[1::2], strict=False)
        last = level[-1:] if len(level) & 1 else []
        level, height = [node(*pair) for pair in pairs] + last, height + 1
    return found


def root_of(data: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root to which a path leads from a leaf; None if it is no path in such a tree."""
    if not 0 <= index < size:
        return None
    hash_, rest = leaf(data), list(path)
    while size > 1:
        if index ^ 1 < size:
            if not rest:
                return None
            beside = rest.pop(0)
            hash_ = node(beside, hash_) if index & 1 else node(hash_, beside)
        index, size = index >> 1, (size + 1) >> 1
    return None if rest else hash_
