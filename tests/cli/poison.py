"""Text that a terminal or a spreadsheet would obey, in every place that takes any text."""

import datetime
import unicodedata
from pathlib import Path
from uuid import UUID, uuid4

import msgspec

from tests.access import planted
from tests.access.planted import FIRST, NOW, OPENED, SECOND
from tests.unit.samples import new, sample
from tracker.config import Location
from tracker.events import EVENT_TYPES, NewEvent
from tracker.service import Service

CONTROLS = "".join(map(chr, [*range(1, 32), *range(0x7F, 0xA0)]))
FORMATS = (
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2066\u2067\u2068\u2069"
)
POISON = f" '=1+1|{CONTROLS}{FORMATS}\ufeff\U000e0041"
"""It begins as a formula does, and holds what a terminal acts on."""

_APART = {"episode-opened", "episode-closed", "episode-erased", "protocol-adopted"}
"""What would let an episode show less: no protocol of that name judges."""
CONFIG = """
coordinator = {0}
site = {0}
[channels.gone]
kind = "file"
path = "none/such.jsonl"
[[recipients]]
channel = "gone"
[quiet_hours.coordinators]
{0} = "01:00-02:00"
"""


def unsafe(text: str) -> set[str]:
    """Return the characters that must not reach a terminal as they are."""
    return {ch for ch in text if unicodedata.category(ch) in ("Cc", "Cf", "Zl", "Zp")} - {"\n"}


def plant(home: Path) -> str:
    """Make a planted home whose every text is poisoned; return the name of a poisoned episode."""
    planted.plant(home)
    (home / "config.toml").write_text(CONFIG.format(_in_toml(POISON)))
    moment = OPENED + datetime.timedelta(hours=1)
    with Service.open(Location(home, None), lambda: moment) as service:
        first, second = service.resolve(FIRST), service.resolve(SECOND)
        for topic in EVENT_TYPES.keys() - _APART:
            _append(service, first.uuid, _event(topic))
        for topic in ("episode-closed", "episode-erased"):
            _append(service, second.uuid, _event(topic))
        uuid = _append(service, None, _event("episode-opened", short_id=None))
        _append(service, uuid, _event("blood-patch-performed"))
    who = ("--on-behalf-of", POISON, "--purpose", POISON)
    planted.run(home, *who, "show", FIRST)
    planted.run(home, *who, "find", POISON)
    planted.run(home, "scheduler", "tick", "--name", POISON, now=NOW)
    return str(uuid)


def _append(service: Service, episode: UUID | None, event: NewEvent) -> UUID:
    return service.append(episode, lambda _: [event]).episode.uuid


def _in_toml(text: str) -> str:
    return '"' + "".join(f"\\U{ord(ch):08x}" for ch in text) + '"'


def _event(topic: str, **changes: object) -> NewEvent:
    data = sample(topic, POISON)
    fields = {"protocol": planted.BUILT_IN, "time_zone": "UTC"} | changes
    known = {k: v for k, v in fields.items() if k in data.__struct_fields__}
    return msgspec.structs.replace(
        new(topic, OPENED), id=f"{uuid4().hex}{POISON[:100]}", actor=POISON, on_behalf_of=POISON,
        source=POISON, data=msgspec.structs.replace(data, **known),
    )  # fmt: skip
