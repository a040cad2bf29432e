"""Giving roles, by whoever may: a login that makes roles and owns the database will do."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from tests.postgres.roles import LOGINS, PREFIX, Place
from tests.postgres.server import Databases

MAKER = "roles_maker"
OWN = "roles_own"


@pytest.fixture
def fresh(server: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An empty database of a login that may make roles and is no superuser."""
    server.make_login(MAKER, "CREATEROLE")
    with server.database() as name:
        server.execute(f"ALTER DATABASE {name} OWNER TO {MAKER}")
        server.execute(f"GRANT CREATE ON SCHEMA public TO {MAKER}", name)
        yield Place(server, name, tmp_path_factory.mktemp("fresh"))
        server.execute(f"DROP OWNED BY {MAKER}, {OWN}_owner CASCADE", name)
    for role in ("owner", "coordinator", "scheduler", "auditor", "site_coordinator"):
        server.execute(f"DROP ROLE IF EXISTS {OWN}_{role}")


def listed(place: Place, who: str) -> dict[str, tuple[str, list[str] | None]]:
    """Return role and sites of each login with a role."""
    rows = json.loads(place.ok(who, "db", "roles", "--format", "json"))
    return {row["login"]: (row["role"], row["sites"]) for row in rows}


def test_who_makes_roles_needs_to_be_no_superuser(fresh: Place) -> None:
    """From an empty database to a coordinator who opens an episode, and sees no other site's."""
    fresh.ok(MAKER, "init")
    assert "There are no roles yet" in fresh.run(MAKER, "db", "roles").stderr
    for _ in range(2):
        fresh.ok(MAKER, "db", "roles", "--create", "--prefix", OWN)
    for who, sites in (("coordinator", ()), ("limited", ("--site", "North"))):
        words = ("--login", LOGINS[who], "--role", "coordinator", *sites)
        fresh.ok(MAKER, "db", "roles", *words)
    fresh.ok("coordinator", "open", "--patient", "MRN-1", "--site", "South")
    assert "MRN-1" not in fresh.ok("limited", "worklist")
    assert listed(fresh, MAKER) == {
        LOGINS["coordinator"]: ("coordinator", None),
        LOGINS["limited"]: ("coordinator", ["North"]),
        MAKER: ("owner", None),
    }


def test_rebuilding_keeps_the_limit(place: Place) -> None:
    """Tables that take the place of others are protected as those were."""
    place.ok("owner", "projections", "rebuild")
    assert set(roles_found(place).values()) == {"ok"}
    assert "MRN-S" not in place.ok("limited", "worklist")
    assert place.attempt("limited", "SELECT DISTINCT site FROM worklist") == [("North",)]


def test_a_role_takes_the_place_of_another(place: Place) -> None:
    """And none takes every one away."""
    words = ("db", "roles", "--login", LOGINS["limited"], "--role")
    place.ok("anna", *words, "auditor")
    assert listed(place, "anna")[LOGINS["limited"]] == ("auditor", None)
    place.ok("anna", *words, "none")
    assert LOGINS["limited"] not in listed(place, "anna")
    assert place.run("limited", "worklist").exit_code == 4
    place.ok("anna", *words, "coordinator", "--site", "North")


def test_a_role_by_way_of_another_group_counts(place: Place) -> None:
    """Who belongs to a group of the hospital's that was given a role has it."""
    place.server.execute("DROP ROLE IF EXISTS roles_nurses")
    place.attempt(None, f"CREATE ROLE roles_nurses IN ROLE {PREFIX}_auditor ROLE anna")
    try:
        place.server.make_login("roles_nurse")
        place.attempt(None, "GRANT roles_nurses TO roles_nurse")
        assert listed(place, "anna")["roles_nurse"] == ("auditor", None)
        place.ok("roles_nurse", "audit", "verify")
        told = place.run("anna", "db", "roles", "--login", "roles_nurse", "--role", "none")
        assert (told.exit_code, "another group" in told.stderr) == (4, True)
    finally:
        place.server.execute("DROP ROLE roles_nurses")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--login", "x"), "belong together"),
        (("--site", "North"), "--site goes with --login"),
        (("--login", "x", "--role", "auditor", "--site", "North"), "only a coordinator"),
        (("--login", "pg_x", "--role", "auditor"), "cannot be the name"),
        (("--login", f"{PREFIX}_owner", "--role", "auditor"), "the group of a role"),
        (("--create", "--prefix", "other"), "there already"),
    ],
)
def test_what_makes_no_sense_is_refused(planted: Place, words: tuple[str, ...], said: str) -> None:
    """Nothing is made, and it says why."""
    result = planted.run("anna", "db", "roles", *words)
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


UNKNOWN = "No episode is at {}, and no configuration names it; known sites: {}."


def given(place: Place, *sites: str) -> str:
    """Limit a coordinator to sites, and return what is said."""
    words = [word for site in sites for word in ("--site", site)]
    login = ("--login", LOGINS["limited"], "--role", "coordinator")
    result = place.run("anna", "db", "roles", *login, *words)
    assert result.exit_code == 0, result.output
    assert listed(place, "anna")[LOGINS["limited"]] == ("coordinator", sorted(sites))
    return result.stderr


def test_a_site_that_nobody_knows_is_doubted(place: Place) -> None:
    """It may be misspelled: it is taken, and those that are known are named."""
    said = given(place, "Nroth", "South")
    assert UNKNOWN.format("Nroth", "North, South") in said
    assert said.count("No episode is at") == 1


def test_a_site_of_the_configuration_is_not_doubted(server: Databases, place: Place) -> None:
    """Neither the one of new episodes nor one whose people are told; a spoilt file names none."""
    config = place.home / "config.toml"
    before = config.read_text()
    try:
        config.write_text(f'site = "Harbour"\n{before}\nsite = "Lake"\n')
        assert "No episode is at" not in given(place, "Harbour", "Lake")
        config.write_text("site = 1")
        assert UNKNOWN.format("Lake", "North, South") in given(place, "Lake")
    finally:
        config.write_text(before)


def test_before_the_first_patient_no_site_is_known(fresh: Place) -> None:
    """It says so."""
    fresh.ok(MAKER, "init")
    fresh.ok(MAKER, "db", "roles", "--create", "--prefix", OWN)
    words = ("--login", LOGINS["limited"], "--role", "coordinator", "--site", "North")
    said = fresh.run(MAKER, "db", "roles", *words).stderr
    assert UNKNOWN.format("North", "none yet") in said


def anything(place: Place) -> str:
    """Return who is said to be held by no role."""
    said = place.run("auditor", "db", "roles").stderr
    (line,) = [line for line in said.splitlines() if line.startswith("May do anything")]
    return line


def test_whoever_is_held_by_no_role_is_named(place: Place) -> None:
    """A superuser, the owner of the database, and who belongs to that one, each with the reason."""
    assert "anna" in anything(place)
    assert LOGINS["auditor"] not in anything(place)
    place.server.make_login(MAKER, "CREATEROLE")
    place.attempt(None, f"ALTER DATABASE {place.name} OWNER TO {MAKER}")
    place.attempt(None, f"GRANT {MAKER} TO {LOGINS['auditor']}")
    try:
        owners = anything(place).rpartition("; ")[2]
        assert owners == f"{LOGINS['auditor']}, {MAKER} (owns the database)"
    finally:
        place.attempt(None, f"REVOKE {MAKER} FROM {LOGINS['auditor']}")


def test_a_name_is_no_statement(place: Place) -> None:
    """Whatever a login is called, it is a name."""
    login = '"; DROP TABLE events; --'
    told = place.run("anna", "db", "roles", "--login", login, "--role", "auditor")
    try:
        assert '\\password """; DROP TABLE events; --"' in told.stderr
        assert login in listed(place, "anna")
    finally:
        with place.connection() as conn:
            conn.execute(psycopg.sql.SQL("DROP ROLE {}").format(psycopg.sql.Identifier(login)))


def test_the_owner_alone_gives_none(planted: Place) -> None:
    """Who owns the tables and may make no roles is told whom to ask."""
    words = ("--login", LOGINS["auditor"], "--role", "owner")
    result = planted.run("owner", "db", "roles", *words)
    assert (result.exit_code, "ask who made the roles" in result.stderr) == (4, True)
    assert "CREATEROLE" in result.stderr


BROKEN = {
    "ALTER TABLE worklist DISABLE ROW LEVEL SECURITY": "worklist shows everybody the rows of every",
    "DROP POLICY of_my_sites ON events": "the policies of events are not those",
    "ALTER POLICY of_my_sites ON outbox USING (true)": "the policies of outbox are not those",
    "ALTER POLICY of_my_sites ON alerts WITH CHECK (true)": "the policies of alerts are not those",
    "CREATE POLICY p ON outbox USING (true)": "the policies of outbox are not those",
    f"GRANT DELETE ON events TO {PREFIX}_auditor": f"{LOGINS['auditor']} may change events",
    "CREATE OR REPLACE FUNCTION sees_episode(wanted bigint) RETURNS boolean LANGUAGE sql"
    " SECURITY DEFINER AS 'SELECT true'": "the function sees_episode is not as it was made",
    "ALTER FUNCTION my_sites() SECURITY INVOKER": "the function my_sites is not as it was made",
    "ALTER TABLE alerts OWNER TO anna": "alerts belongs to anna",
}
"""What somebody could do to a server, and what is said of it."""


def roles_found(place: Place) -> dict[str, str]:
    """Return what doctor says of roles, with how it finds it."""
    rows = json.loads(place.run("auditor", "doctor", "--format", "json").stdout)
    return {row["text"]: row["state"] for row in rows if row["check"] == "roles"}


def test_doctor_says_that_everybody_is_held(planted: Place) -> None:
    """As they were made."""
    assert roles_found(planted) == {"the server holds everybody to their roles": "ok"}


@pytest.mark.parametrize("change", BROKEN)
def test_doctor_says_who_may_more_and_it_is_mended(place: Place, change: str) -> None:
    """Rights that were changed by hand are told, and brought up to date."""
    place.attempt(None, change)
    (told,) = roles_found(place).items()
    assert told[0].startswith(BROKEN[change])
    assert told[1] == "failed"
    place.ok("anna", "db", "roles", "--create")
    assert set(roles_found(place).values()) == {"ok"}


UNHELD = {
    "ALTER ROLE {0} BYPASSRLS": ("ALTER ROLE {0} NOBYPASSRLS", "not asked for it (BYPASSRLS)"),
    "ALTER ROLE {0} SUPERUSER": ("ALTER ROLE {0} NOSUPERUSER", "it is a superuser"),
    f"GRANT {PREFIX}_owner TO {{0}}": (f"REVOKE {PREFIX}_owner FROM {{0}}", "belongs to"),
    f"GRANT {PREFIX}_owner TO {{0}} WITH INHERIT FALSE": (
        f"REVOKE {PREFIX}_owner FROM {{0}}", "belongs to",
    ),
}  # fmt: skip
"""What makes a role hold a login no longer, what undoes it, and what is said of it."""


@pytest.mark.parametrize("change", UNHELD)
@pytest.mark.parametrize("who", ["limited", "coordinator"])
def test_doctor_names_who_is_held_by_no_role(place: Place, who: str, change: str) -> None:
    """A login that has a role and may do more than any; and how to take that away."""
    login = LOGINS[who]
    undo, said = UNHELD[change]
    place.attempt(None, change.format(login))
    try:
        rows = json.loads(place.run("auditor", "doctor", "--format", "json").stdout)
    finally:
        place.attempt(None, undo.format(login))
    (found,) = [row for row in rows if row["check"] == "roles"]
    assert (found["state"], found["text"].startswith(login), said in found["text"]) == (
        "failed", True, True,
    )  # fmt: skip
    assert undo.format(login) in found["try"].replace('"', "")
    assert roles_found(place) == {"the server holds everybody to their roles": "ok"}


def test_who_gives_a_role_to_a_superuser_is_told(place: Place) -> None:
    """It is given, and holds nobody; of a login that it does hold there is no word."""
    place.server.make_login("roles_boss", "SUPERUSER")
    try:
        for login, said in (("roles_boss", True), (LOGINS["auditor"], False)):
            told = place.run("anna", "db", "roles", "--login", login, "--role", "auditor")
            assert (told.exit_code, "has a role that does not hold it" in told.stderr) == (0, said)
    finally:
        place.server.execute("DROP ROLE roles_boss")


def test_doctor_lets_the_owner_own(place: Place) -> None:
    """Whoever has the owner's role alone is held to no other, and need not be."""
    place.attempt(None, f"ALTER ROLE {LOGINS['owner']} BYPASSRLS")
    try:
        assert set(roles_found(place).values()) == {"ok"}
    finally:
        place.attempt(None, f"ALTER ROLE {LOGINS['owner']} NOBYPASSRLS")


OLDER = {
    "policy": "ALTER POLICY of_my_sites ON worklist USING (true)",
    "function": "CREATE OR REPLACE FUNCTION my_sites() RETURNS text[] LANGUAGE sql"
    " AS $$ SELECT ARRAY['North', 'South'] $$",
}
"""What an older program might have made otherwise, in tables of this version."""


@pytest.mark.parametrize("what", OLDER)
def test_upgrading_renews_rights_where_tables_are_up_to_date(place: Place, what: str) -> None:
    """What a newer program makes otherwise is there after the owner has upgraded."""
    place.attempt(None, OLDER[what])
    for who, seen in (("coordinator", 2), ("owner", 1)):
        place.ok(who, "db", "upgrade")
        assert place.attempt("limited", "SELECT count(*) FROM worklist") == [(seen,)]


@pytest.mark.parametrize("words", [("worklist",), ("open", "--patient", "MRN-9")])
def test_who_has_no_role_is_told_how_to_get_one(planted: Place, words: tuple[str, ...]) -> None:
    """And by whom: the server says no more than that something was not allowed."""
    planted.server.make_login("roles_stranger")
    told = planted.run("roles_stranger", *words)
    assert told.exit_code == 4
    assert "this login has no role here" in told.stderr
    assert "tracker db roles --login NAME --role ROLE" in told.stderr


def test_whose_row_no_protocol_is_is_said(place: Place) -> None:
    """The server holds the row to the login, and the auditor wants to know which."""
    mine = f"INSERT INTO protocols VALUES ('evil@1', 'x[', 'x', 1, '{LOGINS['coordinator']}')"
    place.attempt("coordinator", mine)
    told = place.run("auditor", "audit", "verify")
    assert told.exit_code == 6
    named = f"evil@1: its text is not TOML (added by {LOGINS['coordinator']})"
    assert named in " ".join(told.output.split())


@pytest.mark.parametrize("who", ["auditor", "scheduler", "coordinator", "limited"])
def test_nobody_but_the_owner_copies_it_all(planted: Place, who: str) -> None:
    """A copy shows everybody to whoever has it, and leaves no look on record."""
    source = planted.server.url(planted.name, LOGINS[who])
    target = planted.home / f"copy-{who}"
    result = planted.run(who, "db", "copy", source, str(target))
    assert (result.exit_code, target.exists()) == (4, False), result.output
    assert "may not run `tracker db copy`" in result.stderr
