"""The protocol as data: settings, wording, severities, citations, and how a site changes them."""

import functools
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from itertools import pairwise
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tracker.decoding import convert
from tracker.errors import UsageError
from tracker.nearest import did_you_mean
from tracker.pathway.settings import Settings
from tracker.pathway.shapes import in_words, nearest_key
from tracker.pathway.status import Level, Severity, Stage

DEFAULT = "csf-leak-post-spine-surgery@1"


class ProtocolError(UsageError):
    """A protocol file cannot be used; the message names the place."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert rule in words: what it says, when it is raised, how grave it is, its source."""

    severity: Severity
    text: str
    when: str
    source: str
    variants: dict[str, Severity] = {}


class ReminderKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of reminder in words."""

    text: str
    opens: str
    due: str
    settled: str
    source: str
    owner: str
    escalation: Annotated[tuple[Level, ...], Meta(max_length=9)] | None = None
    """Who is told when nobody sees it; None: the ladder of the settings."""
    skip_after_hours: Annotated[float, Meta(gt=0, extra={"unit": "h"})] | None = None
    """So long after its due time it is skipped on record rather than sent; None: never."""


class StageText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stage in words: its title and what is to be done in it."""

    title: str
    text: str
    source: str
    owner: str


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
    version: Annotated[str, Meta(pattern=r"^[0-9][0-9A-Za-z.-]*$", max_length=30)]
    title: str
    settings: Settings
    stages: dict[Stage, StageText]
    reminders: dict[str, ReminderKind]
    rules: dict[str, Rule]
    base: str | None = None


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """One immutable version of the protocol."""

    name: str
    """id@version"""
    title: str
    settings: Settings
    stages: dict[Stage, StageText]
    reminders: dict[str, ReminderKind]
    rules: dict[str, Rule]
    text: str
    """The file it was read from."""
    hash: str
    """SHA-256 of the text; of a file with a base, of the hash of that, a newline and the text."""
    base: str | None

    def ladder(self, kind: str) -> tuple[Level, ...]:
        """Return who is told, and when, while nobody acknowledges an overdue reminder."""
        own = self.reminders[kind].escalation
        return self.settings.escalation if own is None else own


_WINDOWS = (
    ("patch_volume_min_ml", "patch_volume_max_ml"),
    ("early_review_opens_hours", "early_review_due_hours"),
    ("intermediate_review_opens_days", "intermediate_review_due_days"),
    ("late_review_opens_months", "late_review_due_months"),
    ("restrictions_opens_days", "restrictions_due_days"),
    ("observation_min_hours", "observation_max_hours"),
    ("bed_rest_min_hours", "bed_rest_max_hours"),
    ("rebound_from_hours", "rebound_until_hours"),
)


def parse_protocol(text: str, base: Callable[[str], Protocol] | None = None) -> Protocol:
    """Read a protocol file; one that names a `base` changes only what it mentions.

    Raises ProtocolError naming the place: an unknown key, a value out of range, an end before a
    start, a base that is not there.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"the protocol file is not TOML: {error}") from None
    if "base" in raw:
        raw = _overlaid(raw, base)
    try:
        file = convert(raw, _File)
        file = convert(_worded(file), _File)
    except msgspec.ValidationError as error:
        why, hint = in_words(str(error)), nearest_key(str(error), _File)
        raise ProtocolError(f"the protocol file cannot be used: {why}", hint) from None
    for start, end in _WINDOWS:
        if getattr(file.settings, end) < getattr(file.settings, start):
            raise ProtocolError(
                f"the protocol file cannot be used: settings.{end} is before settings.{start}"
            )
    _check_ladder("settings", file.settings.escalation)
    for name, kind in file.reminders.items():
        _check_ladder(f"reminders.{name}", kind.escalation or ())
    return Protocol(
        name=f"{file.id}@{file.version}",
        title=file.title,
        settings=file.settings,
        stages=file.stages,
        reminders=file.reminders,
        rules=file.rules,
        text=text,
        hash=_hash(text, None if file.base is None or base is None else base(file.base)),
        base=file.base,
    )


def _check_ladder(place: str, ladder: tuple[Level, ...]) -> None:
    hours = [level.after_hours for level in ladder]
    if any(later <= earlier for earlier, later in pairwise(hours)):
        raise ProtocolError(
            f"the protocol file cannot be used: levels of {place}.escalation are not in order"
        )


def _hash(text: str, below: Protocol | None) -> str:
    whole = text if below is None else f"{below.hash}\n{text}"
    return hashlib.sha256(whole.encode()).hexdigest()


def _overlaid(raw: dict[str, Any], base: Callable[[str], Protocol] | None) -> dict[str, Any]:
    if base is None or not isinstance(raw["base"], str):
        raise ProtocolError("base must name a protocol version that is already known")
    below = base(raw["base"])
    if raw.get("id", below.name.split("@")[0]) + "@" + str(raw.get("version")) == below.name:
        raise ProtocolError(f"version {raw.get('version')} is taken: versions never change")
    plain = _raw(below, base)
    for table in ("rules", "reminders", "stages"):
        for name in raw.get(table, {}):
            if name not in plain[table]:
                raise ProtocolError(
                    f"the protocol file names an unknown {table[:-1]}: {name}",
                    did_you_mean(name, plain[table]),
                )
    return _merge(plain, raw)


def _raw(protocol: Protocol, base: Callable[[str], Protocol]) -> dict[str, Any]:
    """Return the file of a protocol with those below it merged in, wording as written."""
    own = tomllib.loads(protocol.text)
    if protocol.base is None:
        return own
    return _merge(_raw(base(protocol.base), base), own)


def _worded(file: _File) -> dict[str, Any]:
    """Put the settings into the wording, so that it never says another number than is applied."""
    plain: dict[str, Any] = msgspec.to_builtins(file)
    values = {k: _number(v) for k, v in plain["settings"].items()}
    for table in ("stages", "reminders", "rules"):
        for name, entry in plain[table].items():
            for key, text in entry.items():
                if isinstance(text, str):
                    try:
                        entry[key] = text.format_map(values)
                    except (KeyError, ValueError, IndexError, AttributeError):
                        raise ProtocolError(
                            "the protocol file cannot be used: wording that names no setting "
                            f"in braces - at `$.{table}.{name}.{key}`"
                        ) from None
    return plain


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = value
    return merged


@functools.cache
def builtin_protocol(name: str = DEFAULT) -> Protocol:
    """Return a protocol version that came with the program.

    Raises ProtocolError when there is none of that name.
    """
    if name not in builtin_names():
        raise ProtocolError(f"no protocol {name}", "tracker protocol list")
    return parse_protocol(_folder().joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def builtin_names() -> list[str]:
    """Return the names of the protocol versions that came with the program."""
    return sorted(f.name[: -len(".toml")] for f in _folder().iterdir() if "@" in f.name)


def _folder() -> Any:
    return resources.files("tracker.pathway") / "protocols"
