"""Write docs/reference, docs/guideline.md and what the README's commands print, or check them."""

from pathlib import Path
from typing import NamedTuple

from scripts.documentation import coverage, guideline, marks, pathway
from scripts.documentation.commands import commands
from scripts.documentation.console import filled
from scripts.documentation.events import events
from scripts.documentation.statements import statements
from tracker.pathway import Protocol, builtin_protocol

REFERENCE = "docs/reference"


class Sources(NamedTuple):
    """What the documents are made from, beside the events and the command line."""

    guideline: guideline.Guideline
    protocol: Protocol
    marked: marks.Marked
    readme: str


def read(root: Path) -> Sources:
    """Read the list of statements, the marks of the tests and the README below `root`."""
    listed = guideline.read(root / "docs" / "guideline.toml")
    readme = (root / "README.md").read_text(encoding="utf-8")
    return Sources(listed, builtin_protocol(), marks.read(root), readme)


def made_from(sources: Sources) -> dict[str, str]:
    """Return every document by its path."""
    listed, protocol, marked, readme = sources
    return {
        "README.md": filled(readme),
        "docs/guideline.md": statements(listed, marked),
        f"{REFERENCE}/commands.md": commands(),
        f"{REFERENCE}/events.md": events(listed),
        f"{REFERENCE}/reminders.md": pathway.reminders(protocol, listed, marked),
        f"{REFERENCE}/rules.md": pathway.rules(protocol, listed, marked),
        f"{REFERENCE}/settings.md": pathway.settings(protocol, listed),
        f"{REFERENCE}/stages.md": pathway.stages(protocol, listed, marked),
    }


def write(root: Path, made: dict[str, str]) -> list[str]:
    """Write the documents that differ; return their paths."""
    written = []
    for name, text in made.items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(name)
    return written


def stale(root: Path, made: dict[str, str]) -> list[str]:
    """Return a line for every document that is not as it would be made, or that nothing makes."""
    lines = []
    for name, text in made.items():
        path = root / name
        if not path.exists():
            lines.append(f"{name}: missing (scripts/docs writes it)")
        elif path.read_text(encoding="utf-8") != text:
            lines.append(f"{name}: stale (scripts/docs writes it anew)")
    for path in sorted((root / REFERENCE).glob("*")):
        name = path.relative_to(root).as_posix()
        if name not in made:
            lines.append(f"{name}: nothing makes it; move it out of {REFERENCE}")
    return lines


def problems(sources: Sources) -> list[str]:
    """Return what the list of statements or the tests lack."""
    return coverage.problems(sources.guideline, sources.protocol, sources.marked)
