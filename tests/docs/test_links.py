"""Every link in the documents leads somewhere."""

import re
from pathlib import Path

import pytest

from scripts.documentation.markdown import slug

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')


def places(path: Path) -> set[str]:
    """Return the names by which parts of a document are linked to."""
    text = _FENCED.sub("", path.read_text(encoding="utf-8"))
    return {slug(heading) for heading in _HEADING.findall(text)} | set(_ANCHOR.findall(text))


def broken(path: Path) -> list[str]:
    """Return the links of a document that lead nowhere; those to other sites are left alone."""
    found = []
    for target in _LINK.findall(_FENCED.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, place = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists() or (place and place not in places(file)):
            found.append(target)
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_resolves(name: str) -> None:
    """Every local link of a document leads to a file, and to a part of it that is there."""
    assert broken(ROOT / name) == []


@pytest.mark.parametrize(
    "link", ["[x](gone.md)", "[x](#gone)", "[x](other.md#gone)", "[x](folder/)"]
)
def test_a_broken_link_is_found(tmp_path: Path, link: str) -> None:
    """A link to a file or a part that is not there is found; one that leads somewhere is not."""
    (tmp_path / "other.md").write_text("# There\n")
    document = tmp_path / "document.md"
    document.write_text(f"# Here\n\n{link} [y](other.md#there) [z](#here)\n")
    assert broken(document) == [link.removeprefix("[x](").removesuffix(")")]
