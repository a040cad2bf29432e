"""Whether a bundle stands up: its files, their signature, and the record that is in them."""

import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from tracker.audit import kept, shelf
from tracker.audit.against import Claim, claims, compare
from tracker.audit.bundle import contents, episode, looks, sums
from tracker.audit.bundle.contents import About
from tracker.audit.bundle.everything import Log
from tracker.audit.bundle.hashes import Hashes, own_claim
from tracker.audit.bundle.lines import ProtocolLine, read_event, read_line, read_look
from tracker.audit.bundle.reading import lines
from tracker.audit.bundle.unsealing import Keys, read_keys
from tracker.audit.checkpoint import Signed
from tracker.audit.faults import NO_PROOF, Fault, Part, in_order
from tracker.audit.note import NoteError, PublicKey
from tracker.audit.shelf import StoredProtocol
from tracker.errors import NotFoundError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}@[0-9][0-9A-Za-z.-]{0,49}")


class Report(NamedTuple):
    """What an audit of a bundle found."""

    about: About | None
    """None if it does not say what it is."""
    checkpoints: list[Signed]
    """Those in it."""
    faults: list[Fault]
    remarks: list[Fault]


def verify(folder: Path, keys: Sequence[PublicKey], outside: Sequence[Signed] = ()) -> Report:
    """Verify a bundle, also against checkpoints that were kept elsewhere.

    Without a key that is trusted its own is taken, and that is remarked on. Raises NotFoundError
    when there is no bundle.
    """
    if not (folder / sums.SUMS).exists() and not (folder / contents.ABOUT).exists():
        raise NotFoundError(f"{folder} holds no bundle", "tracker audit export makes one")
    own = _own_key(folder)
    trusted = list(keys) or ([own] if own else [])
    faults = sums.check(folder, trusted)
    about = contents.read_about(folder)
    if not faults and about is None:
        faults.append(_form(f"{contents.ABOUT} is missing, or is not in the form"))
    if faults or about is None:
        return Report(None, [], in_order(faults), [])
    within, faults = _within(folder, trusted)
    content = _Content(folder, about, within, outside)
    faults += content.faults()
    remarks = [] if keys else [_remark(own)]
    return Report(about, within, in_order(faults), in_order([*remarks, *content.remarks]))


def _own_key(folder: Path) -> PublicKey | None:
    """Return the key in a bundle, None if there is none."""
    try:
        return PublicKey.parse((folder / contents.PUBLIC_KEY).read_bytes().decode())
    except (OSError, ValueError, NoteError):
        return None


def _remark(own: PublicKey | None) -> Fault:
    if own is None:
        told = "it is not signed: all that is shown is that its parts fit each other"
        return Fault("bundle", None, "unsigned", told)
    told = f"verified by the key in it, of {own.name}: that proves nothing until you know the key"
    return Fault("bundle", None, "own-key", told)


def _within(folder: Path, keys: Sequence[PublicKey]) -> tuple[list[Signed], list[Fault]]:
    place = folder / contents.CHECKPOINTS
    return kept.load([place], keys) if place.is_dir() else ([], [])


def _form(told: str) -> Fault:
    return Fault("bundle", None, "form", told)


def _ends_before(part: Part, name: str) -> Fault:
    told = f"the bundle ends before what {name} covers; ask for one made since"
    return Fault(part, None, NO_PROOF, told)


def _instant(text: str) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found


class _Content:
    """The record in a bundle whose files are what its list says."""

    def __init__(
        self, folder: Path, about: About, within: Sequence[Signed], outside: Sequence[Signed]
    ) -> None:
        self._folder = folder
        self._about = about
        self._within = within
        self._outside = outside
        made_at = _instant(about.made_at)
        known = [one for one in outside if one not in within]
        self._later = [s for s in known if made_at and s.checkpoint.time > made_at]
        """Those from elsewhere that were signed after the bundle was made."""
        self.remarks: list[Fault] = []

    def faults(self) -> Iterator[Fault]:
        """Yield what does not stand up."""
        keys = read_keys(self._folder)
        if keys is None:
            yield _form(f"{contents.KEYS} is not in the form")
            return
        try:
            if self._about.episode is None:
                yield from self._everything(keys)
            else:
                yield from self._episode(UUID(self._about.episode), keys)
            yield from self._protocols()
        except OSError as error:
            yield _form(f"{Path(error.filename).name} is missing")

    def _stated(self, part: Part) -> list[Claim]:
        chain = self._about.events if part == "events" else self._about.accesses
        known = claims(part, self._within)
        return [own_claim(chain), *known, *claims(part, self._outside, outside=True)]

    def _everything(self, keys: Keys) -> Iterator[Fault]:
        log = Log(self._folder, keys)
        fault = log.fault()
        yield from self._chain(Hashes("events", log.hashes), fault)
        self.remarks += log.remarks()
        hashes, fault = looks.walk(lines(self._folder / contents.LOOKS, read_look))
        yield from self._chain(Hashes("access", hashes), fault)

    def _chain(self, chain: Hashes, fault: Fault | None) -> Iterator[Fault]:
        if fault is not None:
            yield fault
            return
        later = claims(chain.part, self._later, outside=True)
        beyond = [claim for claim in later if claim.extent.size > chain.size]
        stated = [claim for claim in self._stated(chain.part) if claim not in beyond]
        found = list(compare(chain, stated, trees=True))
        yield from found or self._counted(chain.part, chain.size, chain.size)
        yield from (_ends_before(chain.part, claim.name) for claim in beyond)

    def _episode(self, uuid: UUID, keys: Keys) -> Iterator[Fault]:
        proofs = episode.read_proofs(self._folder)
        if proofs is None:
            yield _form(f"{contents.PROOFS} is not in the form")
            return
        events = list(lines(self._folder / contents.EVENTS, read_event))
        seen = list(lines(self._folder / contents.LOOKS, read_look))
        stated = self._stated("events")
        found = list(episode.event_faults(events, uuid, proofs, keys, stated))
        found = found or list(episode.contradicted("events", stated))
        yield from found or self._counted("events", len(events))
        yield from episode.unasked("events", [e.row[0] for e in events if e], proofs, stated)
        stated = self._stated("access")
        found = list(episode.look_faults(seen, uuid, proofs, stated))
        found = found or list(episode.contradicted("access", stated))
        yield from found or self._counted("access", len(seen))
        yield from episode.unasked("access", [s.position for s in seen if s], proofs, stated)

    def _counted(self, part: Part, included: int, size: int | None = None) -> Iterator[Fault]:
        """Yield a fault unless there are as many links as the bundle says."""
        chain = self._about.events if part == "events" else self._about.accesses
        if included != chain.included or size not in (None, chain.size):
            yield _form(f"{contents.ABOUT} states another number of {part} than there are")

    def _protocols(self) -> Iterator[Fault]:
        rows = [self._protocol(line) for line in self._protocol_lines()]
        known = [row for row in rows if row is not None]
        if len(known) < len(rows):
            yield _form(f"{contents.PROTOCOLS}, or a file it names, is not in the form")
            return
        yield from shelf.faults(known)
        yield from shelf.compare(known, [*self._within, *self._outside], later=self._later)

    def _protocol_lines(self) -> Iterator[ProtocolLine | None]:
        file = self._folder / contents.PROTOCOLS
        return lines(file, lambda line: read_line(line, ProtocolLine))

    def _protocol(self, line: ProtocolLine | None) -> StoredProtocol | None:
        if line is None or not _NAME.fullmatch(line.name):
            return None
        try:
            text = (self._folder / contents.PROTOCOL_TEXTS / f"{line.name}.toml").read_bytes()
            return StoredProtocol(line.name, text.decode(), line.hash, line.added_at, line.actor)
        except UnicodeDecodeError:
            return None
