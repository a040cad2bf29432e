"""A site's own version of the protocol: what it changes, what not, and that it is named."""

import pytest

from tests.pathway.histories import at, opened, reminder, rules, status, when
from tests.pathway.leaking import HEADACHE, LEAKING, START, SURGERY, finding, site
from tracker.pathway import builtin_protocol, parse_protocol
from tracker.pathway.evaluate import protocol_name
from tracker.pathway.protocol import ProtocolError

BASE = builtin_protocol()


def then(events, now, protocol):
    """Return the status by a protocol."""
    return status(events, now, protocol=protocol)


def test_names_of_drugs():
    """A site may teach the class of a drug by its name."""
    protocol = site("[settings.drug_classes]", 'turoctamide = "opioid"')
    pain = finding("2026-02-02 08:00", posture="orthostatic", severity_nrs=2)
    line = [*pain, *at("2026-02-02 09:00", "medication-given", drug="Turoctamide")]
    rule = "opioid-for-non-severe-pain"
    assert rule not in rules(then(line, "2026-02-03", BASE))
    assert rule in rules(then(line, "2026-02-03", protocol))


def test_severity_of_a_rule():
    """A site may give a rule another severity and other words."""
    protocol = site("[rules.patch-delayed]", 'severity = "info"', 'text = "Late"')
    (alert,) = [
        a for a in then(LEAKING, "2026-02-09", protocol).alerts if a.rule == "patch-delayed"
    ]
    assert (alert.severity, alert.text.startswith("Late")) == ("info", True)


def test_another_severity_that_is_not_urgent():
    """A danger sign that a site holds for a warning makes nothing urgent."""
    protocol = site("[rules.subdural-suspected]", 'severity = "warning"')
    worse = finding("2026-02-02 08:00", posture="orthostatic", trend="worsening")
    assert then(worse, "2026-02-03", BASE).urgent
    assert not then(worse, "2026-02-03", protocol).urgent


def test_version_is_named():
    """What is derived names the version that it used."""
    assert then(LEAKING, "2026-02-03", BASE).protocol == BASE.name
    assert then(LEAKING, "2026-02-03", site()).protocol == "site@1"


@pytest.mark.parametrize(("key", "name"), [("version", "site-1"), ("id", "Our Site")])
def test_a_name_of_the_wrong_shape_is_put_into_words(key, name):
    """Who writes a protocol file reads no regular expression."""
    names = {"version": "1-site", key: name}
    text = "\n".join(f'{k} = "{v}"' for k, v in {"base": BASE.name, **names}.items())
    with pytest.raises(ProtocolError, match="such as") as refused:
        parse_protocol(text, builtin_protocol)
    assert f"`$.{key}`" in refused.value.message
    assert "regex" not in refused.value.message


@pytest.mark.event("protocol-adopted")
def test_adopted_version_judges():
    """An episode is judged by the version it was opened with until another is adopted."""
    opening = at("2026-02-01 08:00", "episode-opened", protocol="site@1", time_zone="UTC")
    adopted = at("2026-02-03 08:00", "protocol-adopted", protocol="site@2")
    assert protocol_name(opened("UTC")) == BASE.name
    assert protocol_name(opening) == "site@1"
    assert protocol_name([*opening, *adopted]) == "site@2"


def test_settings_leave_the_facts_alone():
    """Another version changes what is said, never the facts: C is where it was."""
    late = reminder(
        then([*SURGERY, *HEADACHE, *START], "2026-02-03", site(patch_decision_hours=1)),
        "late-review",
    )
    assert (late.anchor, late.since) == ("c", when("2026-02-01 22:00"))
