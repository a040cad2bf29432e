"""What may reach a terminal, a CSV file, an argument: text made safe without losing it."""

import re
import unicodedata

# Cc: controls, Cf: bidi and other format characters, Cs: surrogates, Zl and Zp: line separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Spreadsheets pass over what stands before a formula, and know the wide forms of its signs.
_FORMULA = re.compile(r"""[\s'"]*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r]""")


def visible(text: str) -> str:
    """Return text with control, format and bidi characters written out as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(ch) if unicodedata.category(ch) in _UNSAFE else ch for ch in text)


def _escaped(ch: str) -> str:
    return ch.encode("unicode_escape", "surrogatepass").decode("ascii")


def csv_cell(value: object) -> object:
    """Return a CSV cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and _FORMULA.match(value):
        return "'" + value
    return value


def has_surrogate(text: str) -> bool:
    """Whether the text holds half a character: an argument that was not valid UTF-8."""
    return any("\ud800" <= ch <= "\udfff" for ch in text)
