"""The protocol as data: what a file may say, and that a site changes any setting by one."""

import tomllib

import pytest

from tracker.pathway import builtin_protocol, parse_protocol
from tracker.pathway.explain import rule_ids
from tracker.pathway.protocol import ProtocolError, builtin_names

BASE = builtin_protocol()


def site(body="", version="2"):
    """Return the text of a site's version that names the built-in one as its base."""
    return f'base = "{BASE.name}"\nversion = "{version}"\n{body}'


def parsed(body="", version="2"):
    """Return a site's protocol."""
    return parse_protocol(site(body, version), builtin_protocol)


def whole(**changes):
    """Return the built-in text with pieces replaced, each of which must be there."""
    text = BASE.text
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_builtin():
    """One version comes with the program, named id@version."""
    assert builtin_names() == [BASE.name] == ["csf-leak-post-spine-surgery@1"]


def test_every_check_has_its_wording_and_the_reverse():
    """The rules of the protocol are those that have a check, 34 of them."""
    assert sorted(BASE.rules) == rule_ids()
    assert len(BASE.rules) == 34


def test_unknown_builtin():
    """A version that did not come with the program is named in the error."""
    with pytest.raises(ProtocolError, match="no protocol csf-leak-post-spine-surgery@9"):
        builtin_protocol("csf-leak-post-spine-surgery@9")


DEFAULTS = {
    "patch_earliest_hours": 48,
    "patch_decision_hours": 72,
    "patch_decision_grace_hours": 0,
    "patch_volume_min_ml": 15,
    "patch_volume_max_ml": 20,
    "early_review_opens_hours": 24,
    "early_review_due_hours": 48,
    "intermediate_review_opens_days": 10,
    "intermediate_review_due_days": 14,
    "late_review_opens_months": 3,
    "late_review_due_months": 6,
    "restrictions_opens_days": 28,
    "restrictions_due_days": 42,
    "observation_min_hours": 2,
    "observation_max_hours": 24,
    "bed_rest_min_hours": 24,
    "bed_rest_max_hours": 72,
    "wound_examination_due_hours": 24,
    "thromboprophylaxis_due_hours": 24,
    "severe_pain_nrs": 7,
    "fever_c": 38.0,
    "duplicate_hours": 2,
    "failed_patch_hours": 24,
    "rebound_from_hours": 24,
    "rebound_until_hours": 48,
    "imaging_window_hours": 72,
    "imaging_window_anchor": "conservative-start",
    "csf_drainage_is_intervention": False,
    "early_patch_order": "warn",
}


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_default(name, value):
    """Each institutional setting has the default of the guideline."""
    assert getattr(BASE.settings, name) == value


def test_no_setting_without_a_default_here():
    """The table above names every setting but the names of drugs and the ladder."""
    assert set(BASE.settings.__struct_fields__) == {*DEFAULTS, "drug_classes", "escalation"}


def test_site_changes_what_it_mentions():
    """A site's version changes what it mentions and keeps the rest."""
    protocol = parsed("[settings]\npatch_decision_hours = 48\n")
    assert protocol.name == "csf-leak-post-spine-surgery@2"
    assert protocol.settings.patch_decision_hours == 48
    assert protocol.settings.patch_earliest_hours == BASE.settings.patch_earliest_hours


def test_site_may_have_its_own_id():
    """A site may name its protocol as it likes."""
    text = f'base = "{BASE.name}"\nid = "st-elsewhere"\nversion = "1"\n'
    assert parse_protocol(text, builtin_protocol).name == "st-elsewhere@1"


def test_site_on_a_site():
    """A version may name a site's version as its base; both are merged, own words last."""
    first = parsed("[settings]\npatch_decision_hours = 48\nduplicate_hours = 1\n")
    known = {BASE.name: BASE, first.name: first}
    text = f'base = "{first.name}"\nversion = "3"\n[settings]\nduplicate_hours = 4\n'
    settings = parse_protocol(text, known.__getitem__).settings
    assert (settings.patch_decision_hours, settings.duplicate_hours) == (48, 4)


def test_hash_is_of_the_text():
    """Another text is another hash, the same text the same."""
    assert parsed().hash == parsed().hash != parsed("# other\n").hash


def test_versions_never_change():
    """A file that calls itself by the name of its base is refused."""
    with pytest.raises(ProtocolError, match="version 1 is taken"):
        parsed(version="1")


REFUSED = [
    ("[settings]\nunknown_hours = 4\n", "unknown_hours"),
    ("[settings]\npatch_earliest_hours = -1\n", r"settings\.patch_earliest_hours"),
    ("[settings]\nrestrictions_opens_days = -28\n", r"settings\.restrictions_opens_days"),
    ("[settings]\npatch_decision_grace_hours = 25\n", r"settings\.patch_decision_grace_hours"),
    ('[settings]\npatch_earliest_hours = "48"\n', r"settings\.patch_earliest_hours"),
    ("[settings]\nfever_c = 12\n", r"settings\.fever_c"),
    ("[settings]\nsevere_pain_nrs = 11\n", r"settings\.severe_pain_nrs"),
    ('[settings]\nimaging_window_anchor = "birth"\n', r"settings\.imaging_window_anchor"),
    ('[settings]\nearly_patch_order = "shout"\n', r"settings\.early_patch_order"),
    ('[settings.drug_classes]\nx = "poison"\n', r"settings\.drug_classes"),
    ('[rules.patch-too-soon]\nseverity = "info"\n', "patch-too-soon"),
    ('[reminders.tea]\ntext = "tea"\n', "tea"),
    ('[stages.limbo]\ntext = "x"\n', "limbo"),
    ('[rules.patch-too-early]\nseverity = "grave"\n', r"rules\[?.*severity"),
    ('[rules.patch-too-early]\nlevel = "info"\n', "level"),
    ("[reminders.early-review]\nowner = 3\n", "owner"),
    ('colour = "blue"\n', "colour"),
    ('[rules.patch-too-early]\ntext = "within {patch_hours} h"\n', r"rules\.patch-too-early\.text"),
    ('[rules.patch-too-early]\ntext = "within {0} h"\n', r"rules\.patch-too-early\.text"),
    ('[rules.patch-too-early]\ntext = "within {"\n', r"rules\.patch-too-early\.text"),
    ('[stages.rebound]\ntext = "{fever_c.real}{x}"\n', r"stages\.rebound\.text"),
]


@pytest.mark.parametrize(("body", "place"), REFUSED)
def test_refused_with_its_place(body, place):
    """A file that cannot be used is refused, and the error names the place."""
    with pytest.raises(ProtocolError, match=place):
        parsed(body)


WINDOWS = [
    ("patch_volume_min_ml", "patch_volume_max_ml"),
    ("early_review_opens_hours", "early_review_due_hours"),
    ("intermediate_review_opens_days", "intermediate_review_due_days"),
    ("late_review_opens_months", "late_review_due_months"),
    ("restrictions_opens_days", "restrictions_due_days"),
    ("observation_min_hours", "observation_max_hours"),
    ("bed_rest_min_hours", "bed_rest_max_hours"),
]


@pytest.mark.parametrize(("start", "end"), WINDOWS)
def test_end_before_start(start, end):
    """An end before its start is refused, an end at its start is not."""
    body = "[settings]\n{} = 13\n{} = {}\n"
    with pytest.raises(ProtocolError, match=f"{end} is before settings.{start}"):
        parsed(body.format(start, end, 12))
    assert getattr(parsed(body.format(start, end, 13)).settings, end) == 13


def test_end_before_the_start_of_the_base():
    """A site that moves one end alone is measured against what it keeps."""
    with pytest.raises(ProtocolError, match="early_review_due_hours is before"):
        parsed("[settings]\nearly_review_due_hours = 12\n")


def test_missing_setting():
    """A whole file that leaves a setting out is refused."""
    text = whole(gone=("patch_earliest_hours = 48 ", "# "))
    with pytest.raises(ProtocolError, match="patch_earliest_hours"):
        parse_protocol(text)


@pytest.mark.parametrize("base", ['base = "nobody@1"', "base = 3"])
def test_unknown_base(base):
    """A base that is not known is refused."""
    with pytest.raises(ProtocolError):
        parse_protocol(f'{base}\nversion = "2"\n', builtin_protocol)


def test_base_where_none_can_be_looked_up():
    """A file with a base needs somebody who knows it."""
    with pytest.raises(ProtocolError, match="base must name"):
        parse_protocol(site())


@pytest.mark.parametrize("version", ["", "two", "1 2", "-1"])
def test_bad_version(version):
    """A version begins with a digit and has no blanks."""
    with pytest.raises(ProtocolError, match="version"):
        parsed(version=version)


def test_not_toml():
    """What is no TOML is refused in its words."""
    with pytest.raises(ProtocolError, match="not TOML"):
        parse_protocol("patch = = 3")


def test_wording_says_the_number_that_is_applied():
    """Settings in braces are put into the wording."""
    protocol = parsed("[settings]\npatch_decision_hours = 60\n")
    assert "at 60 h" in protocol.stages["conservative"].text
    assert "60 h" in protocol.rules["patch-delayed"].when
    assert "60 h" in protocol.reminders["patch-decision"].opens


@pytest.mark.parametrize("table", ["rules", "reminders", "stages"])
def test_no_brace_is_left_in_the_wording(table):
    """Nobody ever reads a placeholder."""
    for entry in getattr(BASE, table).values():
        for name in entry.__struct_fields__:
            value = getattr(entry, name)
            assert not isinstance(value, str) or "{" not in value


def test_every_entry_has_a_source():
    """Each rule, reminder and stage names where it is written; two are of the tracker's own."""
    own = {n for n, r in BASE.rules.items() if not r.source.startswith("L")}
    assert own == {"possible-duplicate", "protocol-clock-missing"}
    assert all(r.source.startswith("L") for r in BASE.reminders.values())
    assert all(s.source.startswith("L") for s in BASE.stages.values())


def test_text_is_the_file():
    """The text that is kept is the file to the letter: it reads back as the same protocol."""
    assert parse_protocol(BASE.text) == BASE
    assert tomllib.loads(BASE.text)["version"] == "1"
