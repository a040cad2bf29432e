"""docs/guideline.md: each statement of the guideline, what holds it, and the tests of that."""

from scripts.documentation.guideline import Guideline, Section, Statement
from scripts.documentation.markdown import cited, code, document, link, slug, table
from scripts.documentation.marks import Mark, Marked, Test

INTRO = (
    "What *{title}* says, line by line, and what in the program holds it.\n"
    "`L44 [2]` is line 44 of it and the source that it numbers 2 there; statements are shortened.\n"
    "The list is `docs/guideline.toml`; `scripts/docs --check` fails when a line is not listed, "
    "when something named is not there, "
    "and when a rule, a kind of reminder or a stage has no test.\n"
    "The program supports decisions and does not make them: what it judges it says, "
    "and what it only records it records."
)

HOLDERS = (("rules", "rule"), ("reminders", "reminder"), ("stages", "stage"))
"""What holds a statement, as the list calls it, and as tests are marked with it."""


def statements(guideline: Guideline, marked: Marked) -> str:
    """Return the document."""
    return document(
        "The guideline, statement by statement",
        INTRO.format(title=guideline.title),
        *(_section(section, guideline, marked) for section in guideline.section),
        "## Beyond the guideline",
        "What the program does although no line asks for it.",
        _beyond(guideline, marked),
        "## Tests",
        "The tests of each rule, reminder, stage, leak state and event, by file, "
        "each with the sentence that it holds.",
        *(_tests(mark, tests) for mark, tests in marked.items()),
    )


def _section(section: Section, guideline: Guideline, marked: Marked) -> str:
    rows = []
    seen: set[int] = set()
    for statement in guideline.under(section):
        anchor = "" if statement.line in seen else f'<a id="l{statement.line}"></a>'
        seen.add(statement.line)
        rows.append(
            [anchor + statement.name, statement.says, _held(statement, guideline.lines(), marked)]
        )
    heading = f'## {section.title}\n\n<a id="l{section.line}"></a>L{section.line}'
    return f"{heading}\n\n{table(['Line', 'What it says', 'What holds it'], rows)}"


def _held(statement: Statement, lines: set[int], marked: Marked) -> str:
    parts = [
        _holder(kind, name, marked) for field, kind in HOLDERS for name in getattr(statement, field)
    ]
    if statement.leak:
        parts.append(f"the leak state{_count(Mark('leak', ''), marked)}")
    if statement.events:
        named = (link(code(t), f"reference/events.md#{t}") for t in statement.events)
        parts.append(f"recorded as {', '.join(named)}")
    if statement.settings:
        named = (link(code(s), "reference/settings.md") for s in statement.settings)
        parts.append(f"set by {', '.join(named)}")
    if statement.because:
        parts.append(cited(statement.because, lines, ""))
    return "<br>".join(parts)


def _holder(kind: str, name: str, marked: Marked) -> str:
    shown = link(code(name), f"reference/{kind}s.md#{slug(name)}")
    return f"{kind} {shown}{_count(Mark(kind, name), marked)}"


def _count(mark: Mark, marked: Marked) -> str:
    tests = marked.get(mark, [])
    if not tests:
        return " (no test)"
    text = f"{len(tests)} test{'' if len(tests) == 1 else 's'}"
    return f" ({link(text, f'#{slug(_title(mark))}')})"


def _beyond(guideline: Guideline, marked: Marked) -> str:
    rows = [
        [_holder(kind, name, marked), why]
        for field, kind in HOLDERS
        for name, why in sorted(getattr(guideline.beyond, field).items())
    ]
    rows += [
        [f"setting {link(code(name), 'reference/settings.md')}", why]
        for name, why in sorted(guideline.beyond.settings.items())
    ]
    return table(["What", "Why"], rows)


def _title(mark: Mark) -> str:
    return "leak state" if mark.kind == "leak" else f"{mark.kind} {mark.name}"


def _tests(mark: Mark, tests: list[Test]) -> str:
    lines = [f"### {_title(mark)}", ""]
    file = None
    for test in tests:
        if test.file != file:
            file = test.file
            lines.append(f"- {link(code(file), f'../{file}')}")
        lines.append(f"  - {code(test.name)}: {test.says}")
    return "\n".join(lines)
