"""A bundle that was changed is never found to stand, and no bundle is too much for a verifier."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.audit.both import Verdict, agreed_on_bundle
from tests.audit.mangling import FILES, Change, changes, sign_anew
from tests.audit.records import KEY, Record, bundle_of, episodes_of
from tests.faults import settings as numbers
from tracker.audit.bundle import check, contents, episode, sums

BUNDLES = ("everything", "one", "unsigned")
SIGNED = st.sampled_from(["as it is", "unsigned", "by another", "by the holder"])
HELD = {contents.EVENTS, contents.LOOKS}
"""Files in which the holder of the key can change nothing either, once a checkpoint is outside."""


@pytest.fixture(scope="module")
def bundles(original: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a bundle of everything, of one episode, and one that is not signed."""
    folder = tmp_path_factory.mktemp("bundles")
    episode = episodes_of(original)[0]
    bundle_of(original, folder / "everything")
    bundle_of(original, folder / "one", episode)
    bundle_of(original, folder / "unsigned", episode, key=None)
    return folder


def mangled(folder: Path, name: str, change: Change) -> bool:
    """Change a file of a bundle, if it is there; return whether that made a difference."""
    files = sorted(folder.glob(name))
    if not files:
        return False
    before = files[0].read_bytes()
    after = change(before)
    files[0].write_bytes(after)
    return before != after


@pytest.mark.parametrize("bundle", BUNDLES)
def test_an_untouched_bundle_stands(bundle: str, bundles: Path, original: Record) -> None:
    """With the key of who signed it, and against the checkpoints kept elsewhere."""
    found = agreed_on_bundle(bundles / bundle)
    assert found.stands
    assert [code for _, _, code in found.remarks] == [
        "unsigned" if bundle == "unsigned" else "own-key"
    ]
    if bundle != "unsigned":
        assert agreed_on_bundle(bundles / bundle, [KEY.public], original.checkpoints) == ([], [])


@settings(max_examples=numbers.BUNDLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(BUNDLES), st.sampled_from(FILES), changes(), SIGNED, st.booleans())
def test_no_change_passes(
    bundles: Path,
    original: Record,
    tmp_path: Path,
    bundle: str,
    name: str,
    change: Change,
    signed: str,
    known: bool,
) -> None:
    """Both verifiers answer alike, whatever was done, and neither believes what was changed."""
    folder = tmp_path / "mangled"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bundles / bundle, folder)
    changed = mangled(folder, name, change)
    sign_anew(folder, signed)
    keys, outside = ([KEY.public], original.checkpoints) if known else ([], [])
    found: Verdict = agreed_on_bundle(folder, keys, outside)
    by_nobody = signed in ("unsigned", "by another") or bundle == "unsigned" != signed
    if known and (by_nobody or (changed and (signed == "as it is" or name in HELD))):
        assert not found.stands
    if changed and signed == "as it is" and name != contents.PUBLIC_KEY:
        assert not found.stands or name == sums.SUMS


@pytest.mark.parametrize("name", ["a-file", "checkpoints/a-link", "protocols/another@2.toml"])
def test_what_is_not_listed_does_not_belong(name: str, bundles: Path, tmp_path: Path) -> None:
    """A file beside the listed ones, or a link, would be read by people."""
    folder = Path(shutil.copytree(bundles / "one", tmp_path / "bundle"))
    if name.endswith("link"):
        (folder / name).symlink_to(folder / contents.EVENTS)
    else:
        (folder / name).write_text("It never happened.")
    assert agreed_on_bundle(folder, [KEY.public]).faults == [("bundle", None, "file")]


def test_an_event_left_out_of_one_episode_shows(bundles: Path, tmp_path: Path) -> None:
    """Versions without a gap: nothing before the last event that is shown can be left out."""
    folder = Path(shutil.copytree(bundles / "one", tmp_path / "bundle"))
    lines = (folder / contents.EVENTS).read_bytes().splitlines(keepends=True)
    (folder / contents.EVENTS).write_bytes(b"".join(lines[:2] + lines[3:]))
    sign_anew(folder, "by the holder")
    ((part, _, code),) = agreed_on_bundle(folder, [KEY.public]).faults
    assert (part, code) == ("events", "version")


def change(folder: Path, name: str, old: bytes, new: bytes) -> None:
    """Replace something in a file of a bundle, which the holder of the key then signs."""
    raw = (folder / name).read_bytes()
    assert old in raw
    (folder / name).write_bytes(raw.replace(old, new, 1))
    sign_anew(folder, "by the holder")


def leave_out_the_last(folder: Path) -> None:
    """Leave out the last event; nothing follows that would miss it."""
    lines = (folder / contents.EVENTS).read_bytes().splitlines(keepends=True)
    (folder / contents.EVENTS).write_bytes(b"".join(lines[:-1]))
    sign_anew(folder, "by the holder")


TWINS: dict[str, tuple[Callable[[Path], None], object, str, Callable[..., object]]] = {
    "the list of files": (
        lambda folder: (folder / "README.txt").write_text("Believe it.") and None,
        sums,
        "check",
        lambda *_: [],
    ),
    "the signature": (
        lambda folder: sign_anew(folder, "by another"),
        sums,
        "_is_signed",
        lambda *_: True,
    ),
    "the number of events": (leave_out_the_last, check._Content, "_counted", lambda *_: []),
    "the events": (
        lambda folder: change(folder, contents.EVENTS, b'"version":2', b'"version":7'),
        episode,
        "event_faults",
        lambda *_: [],
    ),
    "the looks": (
        lambda folder: change(folder, contents.LOOKS, b'{"position":', b'{"position":9'),
        episode,
        "look_faults",
        lambda *_: [],
    ),
    "the protocols": (
        lambda folder: change(folder, "protocols/ward@1.toml", b"Ward's", b"Wards'"),
        check._Content,
        "_protocols",
        lambda _: [],
    ),
}


@pytest.mark.parametrize("twin", TWINS)
def test_a_verifier_that_leaves_something_out_misses_it(
    twin: str, bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of the verification is what finds some change; both verifiers find it."""
    hurt, where, name, instead = TWINS[twin]
    folder = Path(shutil.copytree(bundles / "one", tmp_path / "bundle"))
    hurt(folder)
    assert not agreed_on_bundle(folder, [KEY.public]).stands
    monkeypatch.setattr(where, name, instead)
    assert check.verify(folder, [KEY.public]).faults == []
