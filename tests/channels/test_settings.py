"""The site's configuration, read strictly."""

import datetime
from pathlib import Path

import pytest

from tests.channels.conftest import NOW
from tracker.channels.people import Recipient
from tracker.channels.settings import Site, read_site
from tracker.config import Location, Settings, read_settings, write_settings
from tracker.errors import UsageError

MAIL = """
[channels.mail]
kind = "smtp"
host = "mail.example.org"
sender = "tracker@example.org"
username = "tracker"
password_env = "MAIL_PASSWORD"
"""
HOOK = """
[channels.hook]
kind = "webhook"
url = "https://example.org/in"
secret_file = "hook.secret"
"""


def site(home: Path, text: str) -> Site:
    """Read a configuration."""
    (home / "config.toml").write_text(text)
    return read_site(Location(home, None))


def refusal(home: Path, text: str) -> UsageError:
    """Read a configuration that must be refused, and return how."""
    with pytest.raises(UsageError) as caught:
        site(home, text)
    assert caught.value.message.startswith(str(home / "config.toml"))
    return caught.value


def recipient(**fields: object) -> str:
    """Return the table of a recipient."""
    return "\n[[recipients]]\n" + "".join(f"{k} = {v!r}\n" for k, v in fields.items())


def test_without_a_file_nobody_is_told(home: Path) -> None:
    """No configuration means no channels and no recipients."""
    read = read_site(Location(home, None))
    assert (dict(read.channels), read.recipients) == ({}, ())
    assert read.quiet_until(Recipient("file"), NOW) is None


def test_who_is_told(home: Path) -> None:
    """Recipients are chosen by coordinator, by site and by level."""
    read = site(
        home,
        MAIL
        + recipient(channel="mail", to="all@example.org")
        + recipient(channel="mail", to="anna@example.org", coordinator="anna", levels=[0, 1])
        + recipient(channel="mail", to="north@example.org", site="north", levels=[2]),
    )

    def told(coordinator: str | None, place: str | None, level: int) -> list[str]:
        found = read.recipients_for(coordinator, place, level)
        return [str(r.to).partition("@")[0] for r in found]

    assert told("anna", "north", 0) == ["all", "anna"]
    assert told("anna", "north", 1) == ["anna"]
    assert told(None, "north", 2) == ["north"]
    assert told("ben", None, 0) == ["all"]


QUIET = """
time_zone = "Europe/Berlin"
[quiet_hours]
default = "22:00-07:00"
[quiet_hours.coordinators]
ben = "09:00-11:00"
kim = {hours = "17:00-19:00", time_zone = "Asia/Tokyo"}
eva = "none"
[digest]
hour = 10
"""
TEN = "2026-03-05 10:00:00+00:00"


@pytest.mark.parametrize(
    ("who", "until"),
    [
        ({"coordinator": "anna"}, None),
        ({"coordinator": "ben"}, TEN),
        ({"coordinator": "kim"}, TEN),
        ({"coordinator": "ben", "quiet_hours": "none"}, None),
        ({"quiet_hours": "09:30-12:00"}, "2026-03-05 11:00:00+00:00"),
        ({"quiet_hours": "18:00-19:00", "time_zone": "Asia/Tokyo"}, TEN),
        ({"coordinator": "kim", "quiet_hours": "18:00-18:30"}, "2026-03-05 09:30:00+00:00"),
    ],
)
def test_quiet_hours_are_those_of_who_is_told(home: Path, who, until: str | None) -> None:
    """Their own come before those of the coordinator they are, and these before the default."""
    found = site(home, QUIET).quiet_until(Recipient("mail", **who), NOW)
    assert (found and str(found)) == until


def test_at_night_it_is_quiet_for_all_but_those_who_want_none(home: Path) -> None:
    """Hours for everybody can be taken off for one."""
    read, night = site(home, QUIET), NOW + datetime.timedelta(hours=14)
    assert read.quiet_until(Recipient("mail"), night) is not None
    assert read.quiet_until(Recipient("mail", coordinator="eva"), night) is None


def test_the_hour_of_the_digest_is_the_coordinators(home: Path) -> None:
    """By the clocks of the zone that is theirs."""
    read = site(home, QUIET)
    assert str(read.digest_at("anna", NOW)) == "2026-03-05 09:00:00+00:00"
    assert str(read.digest_at("kim", NOW)) == "2026-03-05 01:00:00+00:00"


def test_a_digest_can_be_switched_off(home: Path) -> None:
    """Without a digest there is no time for it."""
    assert site(home, "[digest]\nenabled = false\n").digest_at(None, NOW) is None
    assert site(home, "").digest_at(None, NOW) is not None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (MAIL.replace("host", "hots"), "channels.mail: .*unknown field `hots`"),
        (MAIL.replace("smtp", "smpt"), "channels.mail.kind: .*smpt"),
        (MAIL.replace('kind = "smtp"', ""), "channels.mail has no kind"),
        (MAIL + "port = 70000", r"channels.mail.port: .*65535"),
        (MAIL + 'security = "ssl"', "channels.mail.security: "),
        (MAIL + 'security = "none"', "channels.mail.security: a password .* in the clear"),
        (MAIL + "password_file = 'x'", "channels.mail: give password_env or"),
        (MAIL.replace("username", "template"), "channels.mail: username and"),
        (MAIL.replace("tracker@", "tracker "), "channels.mail.sender: .*not a mail address"),
        (HOOK.replace("https", "http"), "channels.hook.url: http would be read"),
        (HOOK.replace("https", "ftp"), "channels.hook.url is not a web address"),
        (HOOK.replace("https://", "https://me:pw@"), "channels.hook.url holds a login"),
        (HOOK.replace("url", "#"), "channels.hook takes exactly one of url, url_env"),
        (HOOK + "secret_env = 'X'", "channels.hook takes exactly one of secret_env"),
        (HOOK + "timeout_seconds = 0", "channels.hook.timeout_seconds: "),
        ('[channels.a]\nkind = "apprise"', "channels.a takes exactly one of url_env"),
        ('[channels."a b"]\nkind = "console"', "channels"),
        ("channels = 3", "channels: "),
        (HOOK + recipient(channel="hok"), r"recipients\[1\]: there is no channel 'hok'"),
        (MAIL + recipient(channel="mail"), r"recipients\[1\]: mail needs an address"),
        (MAIL + recipient(channel="mail", to="a, b@c"), r"recipients\[1\].to: "),
        (HOOK + recipient(channel="hook", level=1), r"recipients\[1\]: .*`level`"),
        (HOOK + recipient(channel="hook", levels=[-1]), r"recipients\[1\].levels\[0\]: "),
        (HOOK + recipient(channel="hook", levels=[]), r"recipients\[1\].levels: "),
        (HOOK + recipient(channel="hook") * 2, r"recipients\[2\] is there twice"),
        ('[channels.c]\nkind="console"' + recipient(channel="c", to="x"), "takes no address"),
        ('[quiet_hours]\ndefault = "10 pm"', "quiet_hours.default: '10 pm' are no hours"),
        ('[quiet_hours.coordinators]\nb = "1-2"', "quiet_hours.coordinators.b: "),
        (HOOK + recipient(channel="hook", quiet_hours="late"), r"recipients\[1\].quiet_hours: "),
        (HOOK + recipient(channel="hook", time_zone="X"), r"recipients\[1\].time_zone: "),
        ("[digest]\nhour = 24", "digest.hour: "),
        ('time_zone = "Mars/Base"', "time_zone: 'Mars/Base'"),
        (
            '[quiet_hours.coordinators]\nk = {hours = "01:00-02:00", time_zone = "X"}',
            "quiet_hours.coordinators.k.time_zone: ",
        ),
        (HOOK.replace("example.org/in", "example.org/ä"), "channels.hook.url is not"),
    ],
)
def test_errors_name_the_place(home: Path, text: str, what: str) -> None:
    """Whatever is wrong is refused, with the file and the place in it."""
    error = refusal(home, text)
    assert pytest.raises(UsageError, match=what).matches(error), error.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[channels.mail]\nkind = "smtp"\nsendr = "x"', "did you mean sender"),
        ('[channels.f]\nkind = "file"\nwhere = "x"', "the fields are path"),
        ('[quiet_hours]\nfrom = "20:00"', "the fields are default"),
    ],
)
def test_an_unknown_field_is_answered_with_the_known_ones(home: Path, text: str, hint: str) -> None:
    """What may stand there is told, or what was probably meant."""
    (home / "config.toml").write_text(text)
    with pytest.raises(UsageError) as refused:
        read_site(Location(home, None))
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize("key", ["password", "secret", "url", "token"])
def test_no_secrets_in_the_file(home: Path, key: str) -> None:
    """A secret that is written there is refused, with what to do, and is not shown."""
    error = refusal(home, f'[channels.a]\nkind = "apprise"\n{key} = "hunter2"')
    assert "_env" in (error.hint or "")
    assert "hunter2" not in f"{error.message} {error.hint}"


def test_the_defaults_are_read_beside_it(home: Path) -> None:
    """The defaults of new episodes are in the same file, and a strange key is still refused."""
    (home / "config.toml").write_text(f'site = "north"\n{HOOK}')
    assert read_settings(Location(home, None)).site == "north"
    (home / "config.toml").write_text(f'sight = "north"\n{HOOK}')
    with pytest.raises(UsageError, match="sight"):
        read_settings(Location(home, None))


def test_setting_a_default_leaves_the_rest(home: Path) -> None:
    """Comments and tables that people wrote stay as they are."""
    text = f'# ours\nsite = "north"  # until May\n{HOOK}# end\n'
    (home / "config.toml").write_text(text)
    write_settings(Location(home, None), Settings(site="south", coordinator="anna"))
    changed = (home / "config.toml").read_text()
    assert changed.startswith('# ours\nsite = "south"  # until May\n')
    assert changed.endswith(f"{HOOK}# end\n")
    assert read_settings(Location(home, None)).coordinator == "anna"
    assert list(read_site(Location(home, None)).channels) == ["hook"]


def test_the_example_in_the_documents(home: Path) -> None:
    """What the documents show can be used as it stands."""
    text = (Path(__file__).parents[2] / "docs" / "channels.md").read_text()
    read = site(home, text.partition("```toml\n")[2].partition("```")[0])
    assert list(read.channels) == ["mail", "hospital", "chat", "log"]
    assert len(read.recipients) == 3
