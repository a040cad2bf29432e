"""docs/reference/{rules,reminders,stages,settings}.md: the protocol in words."""

from collections.abc import Iterable, Sequence
from typing import get_args

import msgspec
from msgspec import inspect

from scripts.documentation.guideline import Guideline
from scripts.documentation.markdown import cited, code, codes, document, link, points, slug, table
from scripts.documentation.marks import Mark, Marked
from tracker.cli.topics import bare
from tracker.pathway import Protocol
from tracker.pathway.rules import JUDGES
from tracker.pathway.settings import Settings
from tracker.pathway.status import LIVE, Level, ReminderStatus

GUIDELINE = "../guideline.md"

_EXAMPLE = """\
base = "{}"
version = "1-site.1"

[settings]
patch_decision_grace_hours = 6"""


def rules(protocol: Protocol, guideline: Guideline, marked: Marked) -> str:
    """Return the document on the alert rules."""
    return document(
        "Alert rules",
        f"What raises an alert under `{protocol.name}`.\n"
        "An alert about a state is active while the state lasts; one about a past act, "
        "until it is acknowledged.\n"
        "One that is urgent stays until it is acknowledged and its ground is gone.\n"
        "`tracker explain EPISODE RULE` says why a rule raised an alert, or why it did not.",
        _index(
            ["Rule", "Severity", "Says"],
            (
                (name, [_severities(name, protocol), rule.text])
                for name, rule in protocol.rules.items()
            ),
        ),
        *(
            _section(
                name,
                _sentence(rule.text),
                ("Raised when", rule.when),
                ("Severity", _severities(name, protocol)),
                ("Source", _source(rule.source, guideline)),
                ("Judges", _judged(name)),
                ("Held by", _tests("rule", name, marked)),
            )
            for name, rule in protocol.rules.items()
        ),
    )


def reminders(protocol: Protocol, guideline: Guideline, marked: Marked) -> str:
    """Return the document on the kinds of reminders."""
    owed = [status for status in get_args(ReminderStatus) if status in LIVE]
    over = [status for status in get_args(ReminderStatus) if status not in LIVE]
    return document(
        "Reminders",
        f"Everything that can be owed under `{protocol.name}`: "
        "a window, what it runs from, what settles it.\n"
        f"Of each kind at most one is owed at a time ({codes(owed)}); "
        f"the others are {codes(over)}.\n"
        "A reminder is open from its opening to its due time, both included, "
        "and overdue after it.\n"
        "It is issued when it opens and when it is overdue, and then climbs the levels of its "
        "ladder until somebody acknowledges it: hours count from when it was said to be overdue.\n"
        "A ladder ends: after its last level nothing more is issued, and what nobody has "
        "acknowledged stays in the worklist and in each daily digest, where what is urgent comes "
        "first.",
        _index(
            ["Reminder", "Opens", "Due"],
            ((name, [kind.opens, kind.due]) for name, kind in protocol.reminders.items()),
        ),
        *(
            _section(
                name,
                _sentence(kind.text),
                ("Opens", kind.opens),
                ("Due", kind.due),
                ("Settled by", kind.settled),
                ("Owed by", kind.owner),
                ("Escalated", _ladder(protocol.ladder(name))),
                ("Skipped", _skipped(kind.skip_after_hours)),
                ("Source", _source(kind.source, guideline)),
                ("Held by", _tests("reminder", name, marked)),
            )
            for name, kind in protocol.reminders.items()
        ),
    )


def stages(protocol: Protocol, guideline: Guideline, marked: Marked) -> str:
    """Return the document on the stages."""
    return document(
        "Stages",
        f"Where an episode can be under `{protocol.name}`.\n"
        "A stage follows from the events, the protocol and the time, and from nothing else.\n"
        "`tracker explain EPISODE stage` says why an episode is where it is.",
        _index(
            ["Stage", "Title", "What is to be done"],
            ((name, [stage.title, stage.text]) for name, stage in protocol.stages.items()),
        ),
        *(
            _section(
                name,
                _sentence(f"{stage.title}: {stage.text}"),
                ("Led by", stage.owner),
                ("Source", _source(stage.source, guideline)),
                ("Held by", _tests("stage", name, marked)),
            )
            for name, stage in protocol.stages.items()
        ),
    )


def settings(protocol: Protocol, guideline: Guideline) -> str:
    """Return the document on the settings."""
    values = msgspec.to_builtins(protocol.settings)
    drugs = values["drug_classes"]
    return document(
        "Settings",
        f"Every window and threshold of `{protocol.name}`, with its value there.\n"
        "A site changes any of them in a file that names this version as its base:",
        "\n".join(["```toml", *_EXAMPLE.format(protocol.name).splitlines(), "```"]),
        "`tracker protocol add FILE` stores it as a version of its own, which never changes.\n"
        "An episode is judged by it once it adopts it (`tracker protocol adopt`) "
        "or is opened under it.",
        table(
            ["Setting", "Value", "Unit", "Source", "Meaning"],
            (_setting(name, values[name], notes, guideline) for name, notes in _declared().items()),
        ),
        "## Drug classes",
        "A drug recorded by name alone belongs to this class; a class that is recorded holds.",
        table(["Drug", "Class"], ([code(drug), drugs[drug]] for drug in sorted(drugs))),
    )


def _declared() -> dict[str, dict[str, str]]:
    info = inspect.type_info(Settings)
    assert isinstance(info, inspect.StructType)  # noqa: S101 (narrows the type)
    return {field.name: bare(field.type)[1] for field in info.fields}


def _setting(name: str, value: object, notes: dict[str, str], guideline: Guideline) -> list[str]:
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, bool):
        shown = shown.lower()
    if name == "escalation":
        shown = _ladder(msgspec.convert(value, tuple[Level, ...]))
    if isinstance(value, dict):
        shown = link("below", "#drug-classes")
    named = {s.line: s.name for s in guideline.naming("settings", name)}
    source = _source(", ".join(named[line] for line in sorted(named)), guideline)
    return [code(name), shown, notes.get("unit", ""), source, notes["description"]]


def _ladder(levels: Sequence[Level]) -> str:
    told = [f"to {level.to} after {level.after_hours:g} h" for level in levels]
    return ", ".join(told) or "to nobody"


def _skipped(hours: float | None) -> str:
    return "never" if hours is None else f"on record, when not issued within {hours:g} h of due"


def _index(heads: list[str], rows: Iterable[tuple[str, list[str]]]) -> str:
    return table(heads, ([link(code(name), f"#{slug(name)}"), *cells] for name, cells in rows))


def _section(name: str, says: str, *facts: tuple[str, str]) -> str:
    return "\n\n".join([f"## {name}", says, points(*facts)])


def _sentence(text: str) -> str:
    return text if text.endswith(("?", "!", ".")) else f"{text}."


def _source(source: str, guideline: Guideline) -> str:
    if source in ("", "-"):
        return "not in the guideline"
    return cited(source, guideline.lines(), GUIDELINE)


def _severities(name: str, protocol: Protocol) -> str:
    rule = protocol.rules[name]
    variants = [f"{severity} ({variant})" for variant, severity in sorted(rule.variants.items())]
    return ", ".join([rule.severity, *variants])


def _judged(rule: str) -> str:
    topics = sorted(JUDGES.get(rule, ()))
    if not topics:
        return "the state of the episode"
    return ", ".join(link(code(topic), f"events.md#{topic}") for topic in topics)


def _tests(kind: str, name: str, marked: Marked) -> str:
    count = len(marked.get(Mark(kind, name), []))
    text = f"{count} test{'' if count == 1 else 's'}"
    return link(text, f"{GUIDELINE}#{kind}-{slug(name)}") if count else "no test"
