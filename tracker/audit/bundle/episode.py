"""A bundle of one episode: each link comes with a proof that it is in the trees that are stated."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from tracker.access.chain import link as access_link
from tracker.audit.against import Claim
from tracker.audit.bundle import contents, looks
from tracker.audit.bundle.hashes import GENESES
from tracker.audit.bundle.lines import EventLine, Look, Proof, hashes, read_line
from tracker.audit.bundle.reading import lines
from tracker.audit.bundle.unsealing import Keys
from tracker.audit.diagnosis import NOTHING_TO_ERASE
from tracker.audit.faults import NO_PROOF, Fault, Part
from tracker.audit.form import begun_by
from tracker.audit.tree import root_of
from tracker.audit.walk import is_sealed
from tracker.events import EVENT_TYPES
from tracker.store.chain import link
from tracker.store.scan import Row
from tracker.store.sealing import ERASED

_FORM = "the line is not in the form"


class Links(NamedTuple):
    """The hashes before each link, and the paths from it, by the size of the tree."""

    previous: Mapping[tuple[str, int], bytes]
    paths: Mapping[tuple[str, int, int], Sequence[bytes]]


def read_proofs(folder: Path) -> Links | None:
    """Read the proofs of a bundle, None if one is not in the form or contradicts another."""
    previous: dict[tuple[str, int], bytes] = {}
    paths: dict[tuple[str, int, int], list[bytes]] = {}
    found: Iterator[Proof | None] = lines(
        folder / contents.PROOFS, lambda line: read_line(line, Proof)
    )
    for proof in found:
        written = None if proof is None else hashes([proof.previous, *proof.path])
        if proof is None or written is None:
            return None
        before, *path = written
        place = (proof.chain, proof.position)
        if previous.setdefault(place, before) != before or (*place, proof.size) in paths:
            return None
        paths[*place, proof.size] = path
    return Links(previous, paths)


def unproven(
    part: Part, position: int, hash_: bytes, proofs: Links, stated: Iterable[Claim]
) -> str | None:
    """Return which statement a link is not proven to be under, None if it is under all.

    That of a checkpoint from elsewhere for which there is no path is not asked: see `unasked`.
    """
    for name, (size, _, root), outside in stated:
        path = proofs.paths.get((part, position, size))
        if position > size or (path is None and outside):
            continue
        if path is None or root_of(hash_, position - 1, size, path) != root:
            return name
    return None


def unasked(
    part: Part, positions: Sequence[int], proofs: Links, stated: Iterable[Claim]
) -> Iterator[Fault]:
    """Yield the checkpoints from elsewhere for which a link has no path: nothing is proven."""
    for name, (size, *_), outside in stated:
        needed = ((part, position, size) for position in positions if position <= size)
        if outside and any(place not in proofs.paths for place in needed):
            told = f"the bundle holds no proof for {name}; ask for one made with --checkpoint"
            yield Fault(part, None, NO_PROOF, told)


def contradicted(part: Part, stated: Iterable[Claim]) -> Iterator[Fault]:
    """Yield the first two statements that say different things of a chain of one size.

    Of links that are not in the bundle nothing else tells that they were written anew.
    """
    known: dict[int, Claim] = {}
    for claim in stated:
        size = claim.extent.size
        other = known.setdefault(size, claim)
        if claim.extent != other.extent:
            told = f"{other.name} and {claim.name} state different ones up to there"
            yield Fault(part, size, "forked", told)
            return


def event_faults(
    some: Iterable[EventLine | None],
    episode: UUID,
    proofs: Links,
    keys: Keys,
    stated: Sequence[Claim],
) -> Iterator[Fault]:
    """Yield the first event that does not stand up."""
    ids: set[bytes] = set()
    last, sealed = 0, False
    for version, line in enumerate(some, 1):
        if line is None:
            yield Fault("events", last + 1, "form", _FORM)
            return
        row = line.row
        plain = not is_sealed(row[4]) and row[3] != ERASED
        sealed = sealed or is_sealed(row[4])
        questions = _questions(row, version, last, episode, proofs, stated, ids)
        erased = NOTHING_TO_ERASE if row[3] == ERASED and not sealed else None
        late = "it is not encrypted, though an event before it is" if sealed and plain else None
        last_ones = ("plain", late), ("erased", erased), ("seal", keys.wrong(line))
        for code, told in [*questions, *last_ones]:
            if told:
                yield Fault("events", row[0], code, told)
                return
        last = row[0]


def _questions(
    row: Row,
    expected: int,
    last: int,
    episode: UUID,
    proofs: Links,
    stated: Sequence[Claim],
    ids: set[bytes],
) -> Iterator[tuple[str, str | None]]:
    """Yield the code of each question, and what is wrong by it."""
    position, uuid, version, topic, state, hash_ = row
    yield "position", "it is not after the one before it" if position <= last else None
    yield "episode", "it is of another episode" if uuid != episode.int else None
    told = f"it is version {version} of its episode where {expected} comes next"
    yield "version", told if version != expected else None
    previous = _before("events", position, proofs)
    if previous is None:
        yield "unproven", "there is no proof for it"
        return
    right = link(previous, position, episode, version, topic, state)
    yield "hash", "the hash does not fit what is stored" if right != hash_ else None
    name = unproven("events", position, hash_, proofs, stated)
    yield "unproven", f"it is not proven to be in what {name} states" if name else None
    yield "topic", None if topic in EVENT_TYPES else f"the topic {topic!r} is unknown"
    if is_sealed(state):
        return
    begun = begun_by(state)
    if begun is None:
        yield "state", "the stored bytes are not in the form in which an event is written"
        return
    id_, _ = begun
    yield "event-id", "its episode has an event with that id" if id_ in ids else None
    ids.add(id_)


def _before(part: Part, position: int, proofs: Links) -> bytes | None:
    """Return the hash before a link; that before the first is known."""
    found = proofs.previous.get((part, position))
    return None if position == 1 and found != GENESES[part] else found


def look_faults(
    found: Iterable[Look | None], episode: UUID, proofs: Links, stated: Sequence[Claim]
) -> Iterator[Fault]:
    """Yield the first look that does not stand up."""
    last = 0
    for look in found:
        if look is None:
            yield Fault("access", last + 1, "form", _FORM)
            return
        if told := _wrong(look, last, episode, proofs, stated):
            yield Fault("access", look.position, "access", told)
            return
        last = look.position


def _wrong(
    look: Look, last: int, episode: UUID, proofs: Links, stated: Sequence[Claim]
) -> str | None:
    if look.position <= last:
        return "it is not after the one before it"
    previous = _before("access", look.position, proofs)
    if previous is None:
        return "there is no proof for it"
    if look.hash != access_link(previous, look.position, look.state):
        return "the hash does not fit what is stored"
    access = looks.read(look.state)
    if access is None or access.episode != episode:
        return "what is stored is no look at this episode"
    name = unproven("access", look.position, look.hash, proofs, stated)
    return f"it is not proven to be in what {name} states" if name else None
