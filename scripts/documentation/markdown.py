"""Markdown as the documents use it: headings, tables, links to lines of the guideline."""

import re
from collections.abc import Collection, Iterable, Sequence

BANNER = "<!-- Made by scripts/docs from the declarations: change those, not this file. -->"
_LINE = re.compile(r"\bL(\d+)\b")


def document(title: str, *blocks: str) -> str:
    """Return a whole document; empty blocks are left out."""
    return "\n\n".join([BANNER, f"# {title}", *filter(None, blocks)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, or nothing if it has no rows."""
    lines = [_row([_cell(cell) for cell in row]) for row in rows]
    if not lines:
        return ""
    return "\n".join([_row(heads), _row(["---"] * len(heads)), *lines])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def points(*named: tuple[str, str]) -> str:
    """Return a list of named facts; those without a value are left out."""
    return "\n".join(f"- {name}: {value}" for name, value in named if value)


def code(text: str) -> str:
    """Return text as code in a line."""
    return f"`{text}`"


def codes(words: Iterable[str]) -> str:
    """Return words as code, with commas between them."""
    return ", ".join(code(word) for word in words)


def link(text: str, target: str) -> str:
    """Return a link."""
    return f"[{text}]({target})"


def block(text: str) -> str:
    """Return a block of code."""
    return f"```\n{text}\n```"


def slug(heading: str) -> str:
    """Return the name by which a heading is linked to."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


def cited(text: str, lines: Collection[int], guideline: str) -> str:
    """Return text with each line of the guideline in it linked to where it is listed."""

    def linked(found: re.Match[str]) -> str:
        # A spinal level (L4-L5) is no line: the guideline begins further down.
        if int(found[1]) not in lines:
            return found[0]
        return link(found[0], f"{guideline}#l{found[1]}")

    return _LINE.sub(linked, text)
