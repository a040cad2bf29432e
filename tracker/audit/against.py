"""A chain against what is stated of it: nothing cut off, nothing written anew."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from tracker.audit.checkpoint import Extent, Signed
from tracker.audit.faults import Fault, Part
from tracker.audit.tree import Tree


class Chain(Protocol):
    """The hashes of a chain, however they are kept."""

    part: Part
    size: int
    genesis: bytes

    def at(self, position: int) -> bytes | None:
        """Return the hash stored at a position, None if there is none."""

    def hashes(self, first: int, last: int) -> Iterable[bytes]:
        """Yield the hashes from a position to another."""


class Claim(NamedTuple):
    """What somebody states of a chain."""

    name: str
    extent: Extent
    outside: bool = False
    """Whether it came from elsewhere, so that a bundle need not have been made for it."""


def claims(part: Part, checkpoints: Iterable[Signed], *, outside: bool = False) -> list[Claim]:
    """Return what checkpoints state of the log, or of the access log."""
    made = []
    for name, checkpoint, *_ in checkpoints:
        extent = checkpoint.events if part == "events" else checkpoint.accesses
        made.append(Claim(f"{name} of {checkpoint.time:%Y-%m-%d %H:%M:%S}Z", extent, outside))
    return made


def unseen(checkpoints: Sequence[Signed]) -> Iterator[Fault]:
    """Yield the checkpoints that follow on one which is not among them: somebody may know why."""
    digests = {one.digest for one in checkpoints}
    for one in checkpoints:
        if one.checkpoint.previous not in (None, *digests):
            told = f"{one.name} was signed after one that is not among these"
            yield Fault("checkpoint", None, "gap", told)


def compare(chain: Chain, stated: Sequence[Claim], *, trees: bool) -> Iterator[Fault]:
    """Yield the first place where a chain is not what is stated of it.

    `trees`: whether the roots of trees are computed too; a chain that does not stand up by itself
    has none that fits.
    """
    agreed, tree = 0, Tree()
    for name, (size, head, root), _ in sorted(stated, key=lambda claim: claim.extent.size):
        if size > chain.size:
            told = f"cut off: {name} covers {size}"
            yield Fault(chain.part, chain.size + 1, "truncated", told)
            return
        if (chain.at(size) if size else chain.genesis) != head:
            told = f"written anew: {name} covers other ones, from here or later up to {size}"
            yield Fault(chain.part, min(agreed + 1, size), "forked", told)
            return
        if trees:
            tree.grow(chain.hashes(tree.size + 1, size))
        if trees and tree.root() != root:
            yield Fault("checkpoint", None, "tree", f"{name} states a tree that does not fit")
            return
        agreed = size
