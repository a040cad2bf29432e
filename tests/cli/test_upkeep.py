"""Looking after the installation: protocols, read models, doctor, configuration, schema."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import NOW, Tracker
from tracker.config import Location, locate, read_settings
from tracker.errors import UsageError
from tracker.events import EVENT_TYPES
from tracker.pathway import builtin_protocol, parse_protocol
from tracker.store import protocols
from tracker.store.database import open_database
from tracker.store.protocols import StoredProtocol

BUILT_IN = "csf-leak-post-spine-surgery@1"
SITE = f"""
base = "{BUILT_IN}"
version = "1.site"
[settings]
patch_decision_hours = 48
early_patch_order = "block"
"""


@pytest.fixture
def site(episode: Tracker, tmp_path: Path) -> Tracker:
    """A tracker that knows a site's protocol."""
    file = tmp_path / "site.toml"
    file.write_text(SITE)
    assert episode.json("protocol", "add", str(file))["name"].endswith("@1.site")
    return episode


def test_protocol_list(site: Tracker) -> None:
    """The list tells what came with the program from what was added here."""
    rows = {row["name"]: row["origin"] for row in site.json("protocol", "list")}
    assert rows == {
        BUILT_IN: "the program",
        "csf-leak-post-spine-surgery@1.site": "this database",
    }


def test_protocol_list_goes_on_past_what_it_cannot_read(site: Tracker) -> None:
    """What a newer program added, or nobody can read, is named, and the others are listed."""
    found = StoredProtocol("odd@1", "x", "y", NOW, "kim")
    with open_database(site.location) as database, database.writing() as conn:
        protocols.add(conn, found)
    result = site.run("protocol", "list", "--format", "json")
    hashes = {row["name"]: row["hash"] for row in json.loads(result.stdout)}
    assert (result.exit_code, hashes.pop("odd@1"), all(hashes.values())) == (0, None, True)
    assert "odd@1 cannot be read by this program: the protocol file is not TOML" in result.stderr


def test_protocol_add_again_is_no_change(site: Tracker, tmp_path: Path) -> None:
    """The same file again changes nothing; another text under the name is a conflict."""
    file = tmp_path / "site.toml"
    site.ok("protocol", "add", str(file))
    file.write_text(SITE.replace("48", "60"))
    code, told = site.refused("protocol", "add", str(file))
    assert (code, "versions never change" in told) == (5, True)


def test_protocol_with_an_unknown_key_names_the_place(episode: Tracker, tmp_path: Path) -> None:
    """A file with a misspelt setting is refused, naming the setting."""
    file = tmp_path / "site.toml"
    file.write_text(SITE.replace("patch_decision_hours", "patch_decison_hours"))
    code, told = episode.refused("protocol", "add", str(file))
    assert (code, "patch_decison_hours" in told) == (2, True)
    assert "did you mean patch_decision_hours" in told


@pytest.mark.parametrize(
    ("more", "meant"),
    [
        ('[rules.patch-delayed]\nseverty = "info"\n', "did you mean severity"),
        ('titel = "x"\n', "did you mean title"),
    ],
)
def test_protocol_with_an_unknown_key_names_the_near_one(
    episode: Tracker, tmp_path: Path, more: str, meant: str
) -> None:
    """At the top of the file as in its tables."""
    file = tmp_path / "site.toml"
    file.write_text(SITE.replace("[settings]", f"{more}[settings]"))
    assert meant in episode.refused("protocol", "add", str(file))[1]


def test_protocol_with_an_unknown_rule_names_the_near_one(episode: Tracker, tmp_path: Path) -> None:
    """A misspelt rule would change nothing, so it is refused."""
    file = tmp_path / "site.toml"
    file.write_text(SITE + '[rules.patch-delayd]\nseverity = "info"\n')
    _, told = episode.refused("protocol", "add", str(file))
    assert "did you mean patch-delayed" in told


def test_protocol_add_says_how_to_adopt_it(site: Tracker, tmp_path: Path) -> None:
    """What was added judges nothing yet; the next command is named in full."""
    told = site.ok("protocol", "add", str(tmp_path / "site.toml"))
    name = "csf-leak-post-spine-surgery@1.site"
    assert told == f"Added {name}; adopt with: tracker protocol adopt EPISODE {name}\n"


@pytest.mark.parametrize("name", ["1.site", "@1.site", "csf-leak-post-spine-surgry@1.site"])
def test_protocol_adopt_names_the_one_that_is_meant(site: Tracker, name: str) -> None:
    """A version alone, or a slip, gets the full name."""
    code, told = site.refused("protocol", "adopt", "case-1", name)
    assert (code, "did you mean csf-leak-post-spine-surgery@1.site" in told) == (3, True)


def test_protocol_diff(site: Tracker) -> None:
    """The difference between two versions is listed value by value."""
    rows = site.json("protocol", "diff", BUILT_IN, "csf-leak-post-spine-surgery@1.site")
    found = {row["name"]: (row["first"], row["second"]) for row in rows}
    assert found["settings.patch_decision_hours"] == (72, 48)
    assert found["settings.early_patch_order"] == ("warn", "block")


def test_protocol_show(site: Tracker) -> None:
    """A protocol is shown as its file, and as values for programs."""
    assert "patch_earliest_hours" in site.ok("protocol", "show", BUILT_IN)
    assert site.json("protocol", "show", BUILT_IN)["settings"]["patch_earliest_hours"] == 48


def test_adopted_protocol_judges_from_then_on(site: Tracker) -> None:
    """After adoption the episode is judged by the other version, which may refuse an order."""
    name = "csf-leak-post-spine-surgery@1.site"
    site.ok("protocol", "adopt", "case-1", name, "--reason", "r", "--yes")
    assert site.json("show", "case-1")["protocol"] == "csf-leak-post-spine-surgery@1.site"
    site.ok("record", "dural-puncture-recorded", "case-1", "--at", "1h ago")
    code, told = site.refused("record", "blood-patch-ordered", "case-1", "--reason", "urgent")
    assert (code, "the protocol refuses" in told) == (4, True)


def test_rebuild_verifies_and_builds(episode: Tracker) -> None:
    """The read models are what the log says; building them anew changes no list."""
    before = episode.ok("worklist", "--format", "json")
    assert episode.json("projections", "rebuild", "--verify") == {"episodes": 1, "differences": []}
    assert episode.json("projections", "rebuild") == {"episodes": 1}
    assert episode.ok("worklist", "--format", "json") == before


def test_verify_names_what_differs(episode: Tracker) -> None:
    """A row that was tampered with is named, and the exit code says the audit failed."""
    episode.execute("UPDATE worklist SET stage = 'closed'")
    result = episode.run("projections", "rebuild", "--verify", "--format", "json")
    assert result.exit_code == 6
    assert "worklist" in result.stdout


def test_projections_status(episode: Tracker) -> None:
    """The status says how far the lists have come."""
    state = episode.json("projections", "status")
    assert state["position"] == state["head"] == 3
    assert state["parked"] == []


def states(tracker: Tracker) -> dict[str, str]:
    """Return the worst state of each check."""
    rank = ["ok", "warning", "failed"]
    found: dict[str, str] = {}
    for row in json.loads(tracker.run("doctor", "--format", "json").stdout):
        worst = found.get(row["check"], "ok")
        found[row["check"]] = max(worst, row["state"], key=rank.index)
    return found


def test_doctor_on_a_sound_directory(episode: Tracker) -> None:
    """A sound directory passes; that no scheduler ran yet is a warning."""
    found = states(episode)
    found.pop("sqlite", None)
    assert found == {
        "files": "ok", "config": "ok", "database": "ok", "log": "ok", "lists": "ok",
        "protocols": "ok", "scheduler": "warning", "outbox": "ok", "recipients": "ok",
        "tables": "ok",
    }  # fmt: skip


@pytest.mark.backends("sqlite")
def test_doctor_sees_what_swallows_looks(episode: Tracker) -> None:
    """A trigger that passes over them; nothing is shown meanwhile, since no look is kept."""
    episode.execute("CREATE TRIGGER x BEFORE INSERT ON accesses BEGIN SELECT RAISE(IGNORE); END")
    assert states(episode)["tables"] == "failed"
    code, told = episode.refused("show", "case-1")
    assert (code, "could not be recorded: the database does not keep" in told) == (1, True)
    assert "trigger 'x' does not belong there" in episode.run("doctor").stdout


def test_doctor_sees_a_protocol_that_changed(
    episode: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program whose protocol is another one than the database was used with is told of."""
    edited = parse_protocol(builtin_protocol().text + "# edited")
    monkeypatch.setattr("tracker.protocols.builtin_protocol", lambda _: edited)
    told = episode.run("doctor", "--format", "csv")
    assert told.exit_code == 1
    assert edited.hash in told.stdout
    assert episode.refused("show", "case-1")[0] == 1


@pytest.mark.backends("sqlite")
def test_doctor_sees_open_files(episode: Tracker) -> None:
    """Files that others can read are a warning with the command that closes them."""
    (episode.home / "tracker.sqlite").chmod(0o644)
    result = episode.run("doctor", "--format", "csv")
    assert "chmod 600" in result.stdout


def test_doctor_without_data(tracker: Tracker) -> None:
    """Without a data directory the doctor says so and exits 1."""
    result = tracker.run("doctor")
    assert result.exit_code == 1
    assert "init" in result.stdout


def test_config_file_is_for_its_owner(tracker: Tracker) -> None:
    """The defaults are written so that others cannot read them."""
    tracker.ok("init")
    tracker.ok("config", "--set", "site=north")
    assert stat.S_IMODE((tracker.home / "config.toml").stat().st_mode) == 0o600
    tracker.ok("config", "--set", "site=")
    assert tracker.json("config")["site"] is None


def test_config_file_is_changed_whole_or_not_at_all(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever breaks off while it is written finds the file as it was, and nothing beside it."""
    tracker.ok("init")
    tracker.ok("config", "--set", "site=north")
    before = sorted(tracker.home.iterdir())

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", fail)
    code, told = tracker.refused("config", "--set", "site=south")
    assert (code, "config.toml cannot be written" in told) == (1, True)
    assert 'site = "north"' in (tracker.home / "config.toml").read_text()
    assert sorted(tracker.home.iterdir()) == before


@pytest.mark.parametrize("name", ["config.toml", "reminders.jsonl", "tracker.sqlite"])
def test_doctor_sees_every_file_that_is_open(episode: Tracker, name: str) -> None:
    """Reminders and settings are closed to others as the database is."""
    path = episode.home / name
    path.touch()
    path.chmod(0o644)
    assert f"chmod 600 {path}" in episode.run("doctor", "--format", "csv").stdout


@pytest.mark.parametrize("command", [("init",), ("open", "--patient", "P", "--time-zone", "UTC")])
def test_a_directory_of_our_own_is_closed(tracker: Tracker, command: tuple[str, ...]) -> None:
    """A directory that was made beforehand for the tracker is closed to others when it is used."""
    tracker.home.mkdir(mode=0o755)
    assert "chmod" not in tracker.run(*command).stderr
    assert stat.S_IMODE(tracker.home.stat().st_mode) == 0o700


def test_a_directory_with_other_things_is_warned_of(tracker: Tracker) -> None:
    """Where other people may have something to look for, the mode is theirs to change."""
    tracker.home.mkdir(mode=0o755)
    (tracker.home / "notes").touch()
    for command in ("init", "init", "worklist", "doctor"):
        assert f"chmod 700 {tracker.home}" in tracker.run(command).stderr
    assert stat.S_IMODE(tracker.home.stat().st_mode) == 0o755


def test_location_precedence(tmp_path: Path) -> None:
    """Options come before the environment, and a database URL before a home."""
    environ = {"TRACKER_HOME": "/from-env", "TRACKER_DATABASE_URL": "postgresql://u:p@h/d"}
    assert locate("/home", None, environ).home == Path("/home")
    assert locate("/home", None, {"TRACKER_HOME": "/other"}) == Location(Path("/home"), None)
    assert locate(None, None, environ).database_url == "postgresql://u:p@h/d"
    assert locate(None, "sqlite://x", environ).database_url == "sqlite://x"
    assert locate(None, None, environ).name == "postgresql://u@h/d"


def test_default_location_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without options and variables the data is in the user's data directory."""
    home = locate(None, None, {}).home
    assert home is not None
    assert home.name == "tracker"


def test_settings_that_are_not_utf8(tmp_path: Path) -> None:
    """A file of defaults in another encoding is refused, naming the byte."""
    (tmp_path / "config.toml").write_bytes(b"site = '\xff'")
    with pytest.raises(UsageError, match="byte 8"):
        read_settings(Location(tmp_path, None))


def test_schema_of_every_event(tracker: Tracker) -> None:
    """The schema of every topic comes from its declaration, with ranges."""
    schemas = tracker.json("schema")
    assert list(schemas) == list(EVENT_TYPES)
    text = tracker.ok("schema", "blood-patch-performed")
    assert '"exclusiveMinimum": 0' in text
    assert '"maximum": 60' in text


def test_schema_as_a_list_of_fields(tracker: Tracker) -> None:
    """As a table the schema says what each field takes."""
    assert "over 0 up to 60 mL" in tracker.ok("schema", "blood-patch-performed", "--format", "csv")


def test_episodes_are_counted_where_keys_were_left_out(episode: Tracker) -> None:
    """A server gives no key again that it gave to what was taken back."""
    skip = "SELECT nextval(pg_get_serial_sequence('episodes', 'key'))"
    if episode.location.database_url is None:
        skip = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'episodes'"
    episode.execute(skip)
    episode.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC")
    assert episode.json("projections", "status")["episodes"] == 2
    assert episode.json("projections", "rebuild", "--verify")["episodes"] == 2
    assert episode.json("projections", "rebuild")["episodes"] == 2
    assert episode.json("db", "restored")["episodes"] == 2
    if episode.location.database_url is None:
        backup = episode.home.with_name("backup.sqlite")
        assert episode.json("db", "backup", str(backup))["episodes"] == 2
