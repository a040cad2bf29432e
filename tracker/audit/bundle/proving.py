"""Which checkpoints go with an episode, and the proofs that each of its links is under them."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from tracker.audit.against import Chain
from tracker.audit.bundle.lines import Proof
from tracker.audit.checkpoint import Signed
from tracker.audit.tree import paths


def chosen(
    checkpoints: Sequence[Signed], positions: Iterable[int], asked_for: Collection[str]
) -> list[Signed]:
    """Return the newest checkpoint, the first that covers each event, and those asked for.

    The first one that covers an event shows since when it has been there.
    """
    in_order = sorted(checkpoints, key=lambda signed: signed.checkpoint.events.size)
    names = {signed.name for signed in in_order[-1:]} | set(asked_for)
    for position in positions:
        covering = (s.name for s in in_order if s.checkpoint.events.size >= position)
        names.update(first for first in [next(covering, None)] if first is not None)
    return [signed for signed in in_order if signed.name in names]


def proofs(chain: Chain, positions: Sequence[int], sizes: Iterable[int]) -> Iterator[Proof]:
    """Yield for each link, and each tree that holds it, that it is in the tree."""
    leaves = list(chain.hashes(1, chain.size)) if positions else []
    for size in sorted(sizes):
        found = paths(leaves[:size], [at - 1 for at in positions if at <= size])
        for index, path in found.items():
            previous = leaves[index - 1] if index else chain.genesis
            yield Proof(
                chain=chain.part,
                position=index + 1,
                previous=previous.hex(),
                size=size,
                path=[hash_.hex() for hash_ in path],
            )
