"""Protocol versions that were released are what they were."""

from importlib import resources

from tracker.pathway import builtin_names, builtin_protocol, parse_protocol

FOLDER = resources.files("tracker.pathway") / "protocols"


def released() -> dict[str, str]:
    """Return the hash of every released version, as `sha256sum` writes and checks them."""
    lines = FOLDER.joinpath("SHA256SUMS").read_text().splitlines()
    return {name.removesuffix(".toml"): value for value, name in map(str.split, lines)}


def test_no_released_version_has_changed():
    """What judged an episode stays what it was: a change is a new file and a new line."""
    assert {name: builtin_protocol(name).hash for name in builtin_names()} == released()


def test_one_letter_more_would_be_noticed():
    """The comparison can fail."""
    [(name, value), *_] = released().items()
    assert parse_protocol(builtin_protocol(name).text + "#").hash != value


def test_a_file_with_a_base_has_the_hash_of_both():
    """The same text on another base is another protocol."""
    base = builtin_protocol()
    other = parse_protocol(base.text + "# other\n")
    site = f'base = "{base.name}"\nid = "site"\nversion = "1"\n'
    assert parse_protocol(site, lambda _: base).hash != parse_protocol(site, lambda _: other).hash
