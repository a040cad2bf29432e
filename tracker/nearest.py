"""What a person probably meant: the known words nearest to one that is unknown."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return up to three known words that look like `word`, in any case; the nearest first."""
    spelled = {name.lower(): name for name in known}
    return [spelled[name] for name in get_close_matches(word.lower(), spelled, n=3)]


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the known words nearest to `word`, if any is near."""
    near = nearest(word, known)
    return f"did you mean {' or '.join(near)}?" if near else None


def meant(word: str, known: Iterable[str], what: str = "there is:") -> str:
    """Return a hint that names what was probably meant, else after `what` everything there is."""
    known = list(known)
    return did_you_mean(word, known) or f"{what} {', '.join(known)}"
