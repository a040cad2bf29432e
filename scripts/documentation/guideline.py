"""The guideline as docs/guideline.toml lists it: every statement and what holds it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

_REFERENCE = re.compile(r"L(\d+)(?:-L(\d+))?")
_CITATIONS = re.compile(r"\[([\d,\s]+)\]")


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A heading of the guideline and the lines under it that say something."""

    title: str
    line: int
    lines: tuple[int, ...]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One statement, in short, and what in the program holds it."""

    line: int
    says: str
    cites: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()
    reminders: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    leak: bool = False
    events: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    because: str | None = None

    @property
    def name(self) -> str:
        """Line and citations, as they are cited everywhere."""
        cites = f" [{','.join(map(str, self.cites))}]" if self.cites else ""
        return f"L{self.line}{cites}"


class Beyond(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the program does although no line asks for it, and why."""

    rules: dict[str, str] = {}
    reminders: dict[str, str] = {}
    stages: dict[str, str] = {}
    settings: dict[str, str] = {}


class Guideline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The guideline."""

    title: str
    section: tuple[Section, ...]
    statement: tuple[Statement, ...]
    beyond: Beyond

    def lines(self) -> set[int]:
        """Return every line that can be cited: headings and statements."""
        return {n for section in self.section for n in (section.line, *section.lines)}

    def under(self, section: Section) -> list[Statement]:
        """Return the statements of a section, by line."""
        found = [s for s in self.statement if s.line in section.lines]
        return sorted(found, key=lambda s: s.line)

    def naming(self, kind: str, name: str) -> list[Statement]:
        """Return the statements that name a rule, reminder, stage, event or setting."""
        return [s for s in self.statement if name in getattr(s, kind)]


def read(path: Path) -> Guideline:
    """Read the list; raises msgspec.ValidationError naming the place of what is wrong."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Guideline)


def cited_lines(source: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of each reference in `L27, L92-L99 [3,1]`."""
    for found in _REFERENCE.finditer(source):
        yield int(found[1]), int(found[2] or found[1])


def citations(source: str) -> set[int]:
    """Return the citations in `L27, L92-L99 [3,1]`."""
    return {int(n) for group in _CITATIONS.findall(source) for n in group.split(",")}
