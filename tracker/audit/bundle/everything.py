"""A bundle of everything: its log and its access log are walked along like those of a database."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from tracker.audit.bundle import contents
from tracker.audit.bundle.lines import EventLine, read_event
from tracker.audit.bundle.reading import lines
from tracker.audit.bundle.unsealing import Keys
from tracker.audit.diagnosis import Case, diagnose
from tracker.audit.faults import Fault
from tracker.audit.walk import Walk, remarked, repetitions
from tracker.store.chain import GENESIS

_BATCH = 10_000


class _Digits(Mapping[Any, str]):
    """The digits of every UUID by its number, which is the key of an episode here."""

    def __getitem__(self, key: int) -> str:
        return f"{key:032x}"

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Log:
    """The log in a bundle of everything."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        """Take the bundle, and the keys that are in it."""
        self._keys = keys
        self._file = folder / contents.EVENTS
        self._walk = Walk(_Digits(), 0, GENESIS)
        self.hashes: list[bytes] = []
        """Of what stands up."""

    def fault(self) -> Fault | None:
        """Walk along; return the first place that does not stand up."""
        found = lines(self._file, read_event)
        fault = None
        while fault is None and (some := list(islice(found, _BATCH))):
            fault = self._follow([line for line in some if line is not None])
            if fault is None and some[-1] is None:
                told = "the line is not in the form"
                fault = Fault("events", len(self.hashes) + 1, "form", told)
        return self._repeated(fault) or fault

    def remarks(self) -> list[Fault]:
        """Return what was remarked on the way."""
        return remarked(self._walk.remarks, self._walk.steps_back)

    def _follow(self, some: list[EventLine]) -> Fault | None:
        before, rows = self._walk.position, [line.row for line in some]
        stands = self._walk.follow(rows)
        index = self._walk.position - before
        for line in some[:index]:
            if told := self._keys.wrong(line):
                return Fault("events", line.row[0], "seal", told)
            self.hashes.append(line.row[5])
        if stands:
            return None
        row, *following = rows[index : index + 2]
        return diagnose(
            Case(
                row=row,
                following=following[0] if following else None,
                position=self._walk.position + 1,
                previous=self.hashes[-1] if self.hashes else GENESIS,
                version=self._walk.versions().get(row[1], 0) + 1,
                uuids=_Digits(),
                sealed=self._walk.sealed is not None,
            )
        )

    def _repeated(self, fault: Fault | None) -> Fault | None:
        """Return the first event before a fault whose id its episode had already."""
        doubtful = self._walk.doubtful()
        if not doubtful:
            return None
        some = islice(lines(self._file, read_event), len(self.hashes))
        found = list(repetitions(line.row for line in some if line and line.row[1] in doubtful))
        if not found:
            return None
        return Fault("events", min(found), "event-id", "its episode has an event with that id")
