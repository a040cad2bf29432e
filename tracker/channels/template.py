"""The words of a message, which a site may change: a file of placeholders."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import UsageError

PLACEHOLDERS = (
    "episode",
    "kind",
    "phase",
    "text",
    "when",
    "opens",
    "due",
    "time_zone",
    "source",
    "command",
    "because",
    "reference",
    "patient",
    "coordinator",
    "site",
)
"""What can stand in a template, after a `$`."""
IDENTIFYING = frozenset({"patient", "reference"})
"""Those that may say who the patient is: only a site's own template holds them."""
_LARGEST = 100_000
_SUBJECT = "Subject:"


@dataclass(frozen=True)
class Template:
    """Subject and body with placeholders such as `$episode`; `$$` is a dollar sign."""

    subject: str
    body: str

    @property
    def names(self) -> frozenset[str]:
        """The placeholders in it."""
        return frozenset(
            name
            for text in (self.subject, self.body)
            for name in string.Template(text).get_identifiers()
        )

    def fill(self, values: Mapping[str, str | None]) -> tuple[str, str]:
        """Return subject and body; what has no value is left empty."""
        known = {name: values.get(name) or "" for name in self.names}
        subject = string.Template(self.subject).substitute(known)
        return " ".join(subject.split()), string.Template(self.body).substitute(known)


DEFAULT = Template(
    "$episode: $kind $phase",
    "$episode: $text\n$kind, $when\n\nRun: $command\nSource: $source\n",
)
"""The short id, what is owed, by when, the command to run. No name, no record number."""


def read_template(path: Path, place: str) -> Template:
    """Read a file whose first line is `Subject: ...`, and the rest, after an empty line, the body.

    Raises UsageError naming `place`, the setting that names the file.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
        text = raw.decode()
    except (OSError, ValueError) as error:
        raise UsageError(f"{place}: {path} cannot be read: {error}") from error
    if len(raw) > _LARGEST:
        raise UsageError(f"{place}: {path} is too large to be a template")
    first, _, rest = text.replace("\r\n", "\n").partition("\n")
    if not first.startswith(_SUBJECT):
        raise UsageError(f"{place}: {path} does not begin with a line `{_SUBJECT} ...`")
    template = Template(first[len(_SUBJECT) :].strip(), rest.lstrip("\n"))
    _check(template, f"{place}: {path}")
    return template


def _check(template: Template, place: str) -> None:
    for text in (template.subject, template.body):
        if not string.Template(text).is_valid():
            raise UsageError(f"{place}: a $ without a name", hint="write $$ for a dollar sign")
    unknown = sorted(template.names - set(PLACEHOLDERS))
    if unknown:
        hint = f"they are {', '.join(PLACEHOLDERS)}"
        raise UsageError(f"{place}: there is no placeholder ${unknown[0]}", hint=hint)
