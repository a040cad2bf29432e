"""What is missing: statements that nothing holds, rules that no test holds, names of nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from scripts.documentation.guideline import Guideline, Statement, citations, cited_lines
from scripts.documentation.marks import Mark, Marked
from tracker.events import EVENT_TYPES
from tracker.pathway import Protocol
from tracker.pathway.explain import rule_ids

HELD = {"rules": "rule", "reminders": "reminder", "stages": "stage"}
"""What tests must hold, as the list of statements calls it and as a test is marked with it."""


def problems(guideline: Guideline, protocol: Protocol, marked: Marked) -> list[str]:
    """Return what is missing or names nothing, a line each."""
    return [
        *_unlisted(guideline),
        *_unheld(guideline),
        *_unknown(guideline, protocol),
        *_unnamed(guideline, protocol),
        *_uncited(guideline, protocol),
        *_unchecked(protocol),
        *_untested(protocol, marked),
    ]


def declared(protocol: Protocol) -> dict[str, set[str]]:
    """Return what there is, by kind."""
    return {
        "rules": set(protocol.rules),
        "reminders": set(protocol.reminders),
        "stages": set(protocol.stages),
        "events": set(EVENT_TYPES),
        "settings": set(msgspec.structs.asdict(protocol.settings)),
    }


def _unlisted(guideline: Guideline) -> Iterator[str]:
    listed = {s.line for s in guideline.statement}
    lines = {n for section in guideline.section for n in section.lines}
    for line in sorted(lines - listed):
        yield f"docs/guideline.toml: L{line} has no statement"
    for line in sorted(listed - lines):
        yield f"docs/guideline.toml: L{line} is in no section"


def _unheld(guideline: Guideline) -> Iterator[str]:
    for s in guideline.statement:
        if not (s.rules or s.reminders or s.stages or s.leak or s.because):
            yield f"docs/guideline.toml: L{s.line} is held by nothing and does not say why"


def _unknown(guideline: Guideline, protocol: Protocol) -> Iterator[str]:
    for kind, known in declared(protocol).items():
        beyond = getattr(guideline.beyond, kind, {})
        for place, names in [
            *((f"L{s.line}", getattr(s, kind)) for s in guideline.statement),
            ("beyond", beyond),
        ]:
            for name in names:
                if name not in known:
                    yield f"docs/guideline.toml: {place} names an unknown {kind[:-1]}: {name}"


def _unnamed(guideline: Guideline, protocol: Protocol) -> Iterator[str]:
    for kind, known in declared(protocol).items():
        named = {n for s in guideline.statement for n in getattr(s, kind)}
        beyond = set(getattr(guideline.beyond, kind, {}))
        # What is recorded beyond the guideline needs no reason.
        for name in sorted(known - named - beyond) if kind != "events" else ():
            yield f"docs/guideline.toml: no statement names the {kind[:-1]} {name}"
        for name in sorted(beyond & named):
            yield f"docs/guideline.toml: {name} is beyond the guideline and named by a statement"


def _uncited(guideline: Guideline, protocol: Protocol) -> Iterator[str]:
    """Find sources in the protocol that do not fit the statements they cite."""
    entries: Mapping[str, Mapping[Any, object]] = {
        "rules": protocol.rules,
        "reminders": protocol.reminders,
        "stages": protocol.stages,
    }
    for kind, named in entries.items():
        for name, entry in named.items():
            for fault in _faults(str(getattr(entry, "source", "")), kind, name, guideline):
                yield f"{protocol.name}: {kind[:-1]} {name} {fault}"


def _faults(source: str, kind: str, name: str, guideline: Guideline) -> Iterator[str]:
    lines = guideline.lines()
    cited: list[Statement] = []
    for first, last in cited_lines(source):
        within = [s for s in guideline.statement if first <= s.line <= last]
        cited += within
        if not {first, last} <= lines:
            yield f"cites L{first}-L{last}, where the guideline says nothing"
        elif within and not any(name in getattr(s, kind) for s in within):
            yield f"cites L{first}-L{last}, but no statement there names it"
    known = {n for s in cited for n in s.cites}
    if unknown := citations(source) - known:
        yield f"cites {sorted(unknown)}, which those lines do not"
    if not cited and name not in getattr(guideline.beyond, kind):
        yield "cites no statement and is not beyond the guideline"


def _unchecked(protocol: Protocol) -> Iterator[str]:
    for rule in sorted(set(protocol.rules) ^ set(rule_ids())):
        yield f"rule {rule}: the protocol and the checks do not both have it"


def _untested(protocol: Protocol, marked: Marked) -> Iterator[str]:
    known = declared(protocol)
    for kind, mark in HELD.items():
        for name in sorted(known[kind]):
            if not marked.get(Mark(mark, name)):
                yield f"no test holds the {mark} {name} (mark one: pytest.mark.{mark}({name!r}))"
    if not marked.get(Mark("leak", "")):
        yield "no test holds the leak state (mark one: pytest.mark.leak)"
    for mark_, tests in marked.items():
        if mark_.kind != "leak" and mark_.name not in known[f"{mark_.kind}s"]:
            yield f"{tests[0].file}: {tests[0].name} holds an unknown {mark_.kind}: {mark_.name}"
