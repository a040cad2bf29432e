"""Long ids, shortened for eyes to as many first letters as tell each from the others."""

import re
from collections.abc import Iterable, Mapping

_SHORTEST = 8
_UUID = 36
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def short_names(ids: Iterable[str]) -> dict[str, str]:
    """Return for each id its first letters, or all of one that is no uuid: people chose that."""
    known = list(dict.fromkeys(ids))
    for length in range(_SHORTEST, _UUID, 4):
        if len({name[:length] for name in known}) == len(known):
            return {name: name[:length] if len(name) == _UUID else name for name in known}
    return {name: name for name in known}


def shortened(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the ids in it replaced by their short names."""
    return _ID.sub(lambda found: names.get(found[0], found[0]), text)
