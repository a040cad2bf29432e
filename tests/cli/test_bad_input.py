"""Bad input: what is wrong, what to do, the exit code; nothing on stdout, nothing recorded."""

from pathlib import Path

import pytest

from tests.cli.conftest import Tracker

REFUSALS = [
    # arguments, exit code, what stderr says
    (["wroklist"], 2, "did you mean worklist?"),
    (["protocol", "lst"], 2, "did you mean list"),
    (["stats", "stag"], 2, "did you mean stage"),
    (["stats", "foo"], 2, "the groups are stage, leak,"),
    (["--hme", "x", "worklist"], 2, "or --home?"),
    (["worklist", "--on-behalf-of", "bo"], 2, "tracker --on-behalf-of ... worklist ..."),
    (["show", "case-1", "--home", "x"], 2, "it goes before the command"),
    (["record", "complication-diagnosed", "case-1", "--kind", "meningitis"], 2, "--complication?"),
    (["record", "complication-diagnosed", "case-1", "--kind=x"], 2, "no such option: --kind"),
    (["snooze", "case-1", "wound-examinaton", "--until", "+24h"], 3, "mean wound-examination?"),
    (["worklist", "--overdu"], 2, "did you mean --overdue?"),
    (["worklist", "--stage", "folow-up"], 2, "did you mean follow-up?"),
    (["worklist", "--overdue", "--due-within", "3d"], 2, "exclude each other"),
    (["worklist", "--due-within", "5m"], 2, "minutes or months"),
    (["worklist", "--limit", "0"], 2, "--limit"),
    (["worklist", "--watch", "--format", "json"], 2, "tables only"),
    (["show", "nope"], 3, "there is no episode 'nope'"),
    (["show", "case-1", "--known-at", "2026-03-01T00:00Z"], 3, "first recorded"),
    (["show", "case-1", "--at", "2026-03-29 02:30"], 2, "2026-03-29T01:30:00+01:00 or"),
    (["explain", "case-1", "patch-delayd"], 3, "did you mean patch-delayed"),
    (["record", "blood-patch-performd", "case-1"], 2, "did you mean blood-patch-performed"),
    (["record", "headache-assessed", "case-1", "--postur", "none"], 2, "--posture?"),
    (["record", "headache-assessed", "case-1", "--posture", "upright"], 2, "it is one of"),
    (["record", "headache-assessed", "case-1", "--severity-nrs", "11"], 2, "0 to 10 NRS"),
    (["record", "headache-assessed", "case-1", "--severity-nrs", "nan"], 2, "0 to 10 NRS"),
    (["record", "headache-assessed", "case-1", "--severity-nrs", "4,5"], 2, "write 4.5"),
    (["record", "blood-patch-performed", "case-1", "--volume-ml", "-3"], 2, "over 0 to 60 mL"),
    (["record", "symptoms-recorded", "case-1", "--present", "hedache"], 2, "mean headache"),
    (["record", "headache-assessed", "case-1", "--at", "+1h"], 2, "in the future"),
    (["record", "headache-assessed", "case-1", "--at", "3/4/2026"], 2, "slashes"),
    (["record", "headache-assessed", "case-1", "--onset-at", "Mar 4"], 2, "no year"),
    (["record", "headache-assessed", "case-2"], 3, "no episode"),
    (["record", "review-completed", "case-1"], 2, "--review"),
    (["record", "medication-given", "case-1"], 2, "drug or drug_class is required"),
    (["record", "reminder-issued", "case-1", "--reminder", "x"], 4, "scheduler alone"),
    (["record", "reminder-skipped", "case-1", "--reminder", "x"], 4, "scheduler alone"),
    (["record", "episode-opened", "case-1"], 4, "tracker open"),
    (["record", "headache-assessed", "case-1", "--id", "op"], 5, "other content"),
    (["record", "headache-assessed", "case-1", "--id", "head"], 5, "differs: posture"),
    (["record", "headache-assessed", "case-1", "--id", "x" * 201], 2, "1 to 200 characters"),
    (["correct", "case-1", "none", "--set", "level=L1", "--reason", "r"], 3, "no event"),
    (["correct", "case-1", "op", "--set", "levl=L1", "--reason", "r"], 2, "did you mean level?"),
    (["correct", "case-1", "op", "--set", "level", "--reason", "r"], 2, "not field=value"),
    (["correct", "case-1", "op", "--set", "dural_tear=perhaps", "--reason", "r"], 2, "one of"),
    (["correct", "case-1", "op", "--set", "occurred_at=", "--reason", "r"], 2, "cannot be removed"),
    (["correct", "case-1", "op", "--set", "level=L3"], 2, "--reason"),
    (["void", "case-1", "op"], 2, "--reason"),
    (["void", "case-1", "none", "--reason", "r"], 3, "no event"),
    (["ack", "case-1", "nothing"], 3, "there is no reminder or alert"),
    (["waive", "case-1", "wound-examination"], 4, "--reason"),
    (["snooze", "case-1", "wound-examination", "--until", "2h ago"], 2, "still to come"),
    (["snooze", "case-1", "wound-examination", "--until", "+8d"], 4, "for 7d at most, until"),
    (
        [
            "record",
            "reminder-snoozed",
            "case-1",
            "--reminder",
            "wound-examination",
            "--until",
            "+8d",
        ],
        4,
        "--until +7d",
    ),
    (["open", "--patient", "MRN1"], 4, "--another"),
    (["open", "--patient", "MRN2", "--time-zone", "Europe/Berln"], 2, "Europe/Berlin"),
    (["open", "--patient", "MRN2", "--protocol", "none@1"], 3, "protocol list"),
    (["open", "--patient", "MRN2", "--reference", "case-1"], 5, "already episode"),
    (["open"], 2, "--patient"),
    (["schema", "headache-asessed"], 2, "did you mean headache-assessed"),
    (["protocol", "show", "none@1"], 3, "tracker protocol list"),
    (["protocol", "add", "/nowhere/site.toml"], 1, "No such file"),
    (["protocol", "adopt", "case-1", "none@1"], 3, "tracker protocol list"),
    (["config", "--set", "coordinatr=x"], 2, "did you mean coordinator?"),
    (["config", "--set", "time_zone=Mars/Base"], 2, "not an IANA time zone"),
    (["completion", "tcsh"], 2, "bash"),
    (["--database", "postgresql://u:secret@no.invalid/d", "worklist"], 1, "postgresql://u@no.inv"),
    (["--database", "mysql://u:secret@h/d", "worklist"], 2, "no database that tracker can use"),
    (["--on-behalf-of", " ", "record", "bed-rest-started", "case-1"], 2, "1 to 200"),
    (["find", "\udcff"], 2, "argument 2 is not valid UTF-8"),
    (["find", "a\0b"], 2, "NUL"),
    (["--home", "a\0b", "worklist"], 2, "NUL"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "says"), REFUSALS, ids=[" ".join(r[0])[:60] for r in REFUSALS]
)
def test_refused(episode: Tracker, arguments: list[str], code: int, says: str) -> None:
    """Each mistake has its exit code and says what would be right; the episode stays as it was."""
    before = episode.ok("timeline", "case-1", "--format", "json")
    got, told = episode.refused(*arguments)
    assert (got, says in told) == (code, True), (got, told)
    assert "secret" not in told
    assert episode.ok("timeline", "case-1", "--format", "json") == before


def test_ambiguous_prefix_lists_candidates(episode: Tracker) -> None:
    """A beginning that fits two episodes names both."""
    episode.ok("open", "--patient", "MRN2", "--reference", "case-11", "--time-zone", "UTC")
    code, told = episode.refused("show", "case")
    assert code == 3
    assert "case-1)" in told
    assert "case-11)" in told


ON = [
    ("record", "headache-assessed", "case", "--posture", "orthostatic"),
    ("record", "headache-assessed", "case", "--posture", "orthostatic", "--dry-run"),
    ("void", "case", "op", "--reason", "other patient"),
    ("correct", "case", "op", "--set", "level=L1-L2", "--reason", "typo"),
    ("assign", "case", "anna"),
    ("waive", "case", "early-review", "--reason", "moved away"),
]


@pytest.mark.parametrize("words", ON, ids=lambda words: words[0])
def test_nothing_is_recorded_by_the_beginning_of_a_reference(
    episode: Tracker, words: tuple[str, ...]
) -> None:
    """It may be the whole reference of another patient, who is not here or may not be seen."""
    before = episode.ok("timeline", "case-1", "--format", "json")
    code, told = episode.refused(*words)
    assert code == 3
    assert "there is no episode 'case', but E-" in told
    assert "(case-1)" in told
    assert episode.ok("timeline", "case-1", "--format", "json") == before


def test_who_looks_by_the_beginning_of_a_reference_is_told(episode: Tracker) -> None:
    """What is shown may be another patient's; the beginning of a short id is her own to know."""
    told = episode.run("show", "case").stderr
    short = episode.json("show", "case-1")["episode"]
    assert f"case is only the beginning of the reference of {short} (case-1)." in told
    for name in ("case-1", short, short[:5]):
        assert "only the beginning" not in episode.run("show", name).stderr
    episode.ok("record", "leak-suspected", short[:5])


def test_exact_reference_comes_before_prefix(episode: Tracker) -> None:
    """A reference that is also the beginning of another one means itself."""
    episode.ok("open", "--patient", "MRN2", "--reference", "case-11", "--time-zone", "UTC")
    assert episode.json("show", "case-1")["reference"] == "case-1"


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    "words", [["worklist"], ["show", "x"], ["find", "x"], ["stats"], ["void", "x", "y"]]
)
def test_missing_directory_points_to_init(tracker: Tracker, words: list[str]) -> None:
    """Without a data directory a command says how to make one, and makes none."""
    reason = ["--reason", "r"] if words[0] == "void" else []
    code, told = tracker.refused(*words, *reason)
    assert code == 1
    assert "init" in told
    assert not tracker.home.exists()


def test_home_that_is_a_file(tracker: Tracker) -> None:
    """A file in place of the data directory is told of, not overwritten."""
    tracker.home.write_text("mine")
    code, told = tracker.refused("init")
    assert code == 1
    assert "Error: " in told
    assert tracker.home.read_text() == "mine"


def test_broken_config_file_names_the_file(episode: Tracker) -> None:
    """A default that cannot be read names the file and the key."""
    Path(episode.home, "config.toml").write_text("time_zon = 'UTC'\n")
    code, told = episode.refused("open", "--patient", "MRN9")
    assert code == 2
    assert "config.toml" in told
    assert "time_zon" in told


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('coordinator = "a\\u0000b"', "coordinator"),
        (
            '[[recipients]]\nchannel = "file"\n[[recipients]]\nsite = "\\U00000000"',
            "recipients.2.site",
        ),
        ('[channels.file]\n"a\\u0000" = 1', "channels.file.a\\x00"),
    ],
)
def test_a_configuration_with_a_nul_is_refused(episode: Tracker, text: str, place: str) -> None:
    """No server keeps one: an episode with such a coordinator could not be listed."""
    Path(episode.home, "config.toml").write_text(text)
    code, told = episode.refused("open", "--patient", "MRN9")
    assert (code, f"'{place}' holds a NUL character" in told) == (2, True)


def test_a_protocol_with_a_nul_is_refused(episode: Tracker) -> None:
    """What it says of a reminder goes into rows, which no server would keep."""
    file = Path(episode.home, "site.toml")
    file.write_text('base = "csf-leak-post-spine-surgery@1"\nversion = "1.x"\ntitle = "a\\u0000"\n')
    code, told = episode.refused("protocol", "add", str(file))
    assert (code, "'title' of the protocol file holds a NUL character" in told) == (2, True)
    assert "1.x" not in episode.ok("protocol", "list")


def test_early_order_asks_for_a_reason(episode: Tracker) -> None:
    """A patch ordered within 48 h of surgery needs a reason, and with one is recorded."""
    episode.ok("record", "dural-puncture-recorded", "case-1", "--at", "1h ago")
    code, told = episode.refused("record", "blood-patch-ordered", "case-1")
    assert (code, "--reason" in told, "L49" in told) == (4, True, True)
    episode.ok("record", "blood-patch-ordered", "case-1", "--reason", "severe pain")


def test_early_patch_is_recorded(episode: Tracker) -> None:
    """A patch that was done is never refused, however early: it raises an alert."""
    episode.ok("record", "dural-puncture-recorded", "case-1", "--at", "1h ago")
    done = episode.json("record", "blood-patch-performed", "case-1")
    assert "patch-too-early" in [a["rule"] for a in done["alerts"]["raised"]]


def test_closing_with_owed_reviews_asks_for_a_reason(episode: Tracker) -> None:
    """An episode that owes reviews is closed only with a reason."""
    episode.ok("record", "blood-patch-performed", "case-1", "--at", "1h ago")
    code, told = episode.refused("record", "episode-closed", "case-1")
    assert (code, "early-review" in told) == (4, True)
    episode.ok("record", "episode-closed", "case-1", "--reason", "moved away")
