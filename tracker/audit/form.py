"""The form in which the program writes a plain event: each field of its envelope once, in order.

Whoever reads an event takes the last of two fields of one name, however it is written; a verifier
that looked at the first would believe another event than is shown. So nothing is an event in which
there could be two. What the data hold is not looked at, only that nothing of the envelope follows
them but for whom it was recorded.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

_TEXT = rb'[^"\\]*+(?:\\(?s:.)[^"\\]*+)*+'
_ID = (
    rb'[^"\\]*+(?:\\(?:["\\bfnrt]|u00(?:0[0-7be-f]|1[0-9a-f]))[^"\\]*+)*+'  # as JSON must escape it
)
_RECORDED = rb"[0-9.]*+-[0-9.]*+-[0-9.]*+T[0-9.]*+:[0-9.]*+:[0-9.]*+Z"

envelope = re.compile(
    rb'\{"id":"(%b)","occurred_at":"[^"]*+(?<=Z)","recorded_at":"(%b)","actor":"%b","source":"%b",'
    rb'"schema":[0-9]++,"data":\{' % (_ID, _RECORDED, _TEXT, _TEXT)
).match
"""The beginning of the bytes of an event, up to its data; gives its id, as it is written, and when
it was recorded. An id can be written in one way only."""

_quick: Callable[[bytes], Any] = re.compile(
    rb'\{"id":"([^"]*+)","occurred_at":"[^"]*+(?<=Z)","recorded_at":"([^"]*+)",'
    rb'"actor":"[^"]*+(?<!\\)","source":"[^"]*+(?<!\\)","schema":[0-9]++,"data":\{[^}]*+\}\}\Z'
).match
"""All of an event that holds no brace but those at its end; faster, if id and time are asked by
themselves. It takes nothing that is not an event by `is_event`."""
_groups = re.Match.groups

_end = re.compile(rb'\}(?:,"on_behalf_of":"%b")?+\}\Z' % _TEXT).search
_without_texts = re.compile(rb'"%b"' % _TEXT).sub
_braces = re.compile(rb"[{}]").findall

_DIGITS = b"0123456789."
_MARKS = b"--T::Z"
"""What is left of an instant without digits."""

Begun = tuple[bytes, bytes]
"""The id of an event as it is written, and when it was recorded."""


def is_event(state: bytes) -> bool:
    """Whether bytes are in the form, as far as that is known without what they declare."""
    begun = envelope(state)
    end = None if begun is None else _end(state, begun.end())
    if begun is None or end is None:
        return False
    depth = 1
    for brace in _braces(_without_texts(b"", state[begun.end() : end.start()])):
        depth += 1 if brace == b"{" else -1
        if depth == 0:  # the data end there
            return False
    return True


def begun_by(state: bytes) -> Begun | None:
    """Return what an event shows, None for what is none."""
    found = _quick(state)
    if found is not None and _is_shown(*found.groups()):
        return found[1], found[2]
    if not is_event(state):
        return None
    found = envelope(state)
    return found and (found[1], found[2])


def _is_shown(id_: bytes, time: bytes) -> bool:
    return b"\\" not in id_ and time.translate(None, _DIGITS) == _MARKS


def all_begun_by(states: Sequence[bytes]) -> list[Begun] | None:
    """Return what events show, None if that cannot be told of all of them at once.

    Nothing is asked of one alone that can be asked of all. Raises TypeError for what is no bytes.
    """
    found = list(map(_quick, states))
    if None in found:
        return None
    several: list[Begun] = list(map(_groups, found))
    ids, times = zip(*several, strict=True)
    marks = b'"'.join(times).translate(None, _DIGITS)  # no time holds a quote
    if b"\\" in b"".join(ids) or marks != b'"'.join([_MARKS] * len(times)):
        return None
    return several
