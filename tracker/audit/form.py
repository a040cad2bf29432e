"""The form in which the program writes a plain event: each field of its envelope once, in order.

Whoever reads an event takes the last of two fields of one name, however it is written; a verifier
that looked at the first would believe another event than is shown. So nothing is an event in which
there could be two. What the data hold is not looked at, only that nothing of the envelope follows
them but for whom it was recorded.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tracker.audit.record import BLOCK

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
_MANY_MARKS = b'"'.join([_MARKS] * BLOCK)

Begun = tuple[bytes, bytes]
"""The id of an event as it is written, and when it was recorded."""


def is_event(state: bytes) -> bool:
    """Whether bytes are in the form, as far as that is known without what they declare."""
    return _whole(state) is not None


def begun_by(state: bytes) -> Begun | None:
    """Return what an event shows, None for what is none."""
    begun = _whole(state)
    return begun and (begun[1], begun[2])


def all_begun_by(states: Sequence[bytes]) -> list[Begun | None]:
    """Return what events show, None for what is none. Raises TypeError for what is no bytes.

    Nothing is asked of one alone that can be asked of all, if they are no more than a block.
    """
    found = list(map(_quick, states))
    if None in found:
        quick = [_groups(one) for one in found if one is not None]
        if not _are_shown(quick):
            return list(map(begun_by, states))
        pairs = zip(found, states, strict=True)
        return [begun_by(state) if one is None else _groups(one) for one, state in pairs]
    several: list[Begun | None] = list(map(_groups, found))
    return several if _are_shown(several) else list(map(begun_by, states))


def _are_shown(several: Sequence[Any]) -> bool:
    """Whether no id, of several with their times, has an escape, and every time is in UTC."""
    if not several:
        return True
    ids, times = zip(*several, strict=True)
    marks = b'"'.join(times).translate(None, _DIGITS)  # no time holds a quote
    wanted = _MANY_MARKS[: len(times) * (len(_MARKS) + 1) - 1]
    return marks == wanted and b"\\" not in b"".join(ids)


def _whole(state: bytes) -> re.Match[bytes] | None:
    """Return the beginning of an event, None if bytes are none."""
    begun = envelope(state)
    if begun is None:
        return None
    if state.endswith(b"}}"):
        end = len(state) - 2
    elif found := _end(state, begun.end()):
        end = found.start()
    else:
        return None
    if end < begun.end():
        return None
    data = state[begun.end() : end]
    return begun if b"}" not in data or not _ends(data) else None


def _ends(data: bytes) -> bool:
    """Whether data that have begun end before the end of these bytes."""
    parts = data.split(b'"')
    if b"\\" in data or len(parts) % 2 == 0:
        left = _without_texts(b"", data)
    else:
        left = b"".join(parts[::2])
    depth = 1
    for brace in _braces(left):
        depth += 1 if brace == b"{" else -1
        if depth == 0:
            return True
    return False
