"""What the other read models answer: names, reminders, alerts, counters, what time brings."""

import datetime

import pytest
from sqlalchemy import select

from projections import alerts, reminders, tables
from tests.projections.conftest import Clock
from tests.store.recording import NOW, START, new, opening, saying
from tracker.errors import NotFoundError
from tracker.events import NewEvent
from tracker.pathway import DEFAULT
from tracker.service import EpisodeRef, Service

PATCH = new("blood-patch-performed", 0, volume_ml=18)
LEAK = new("headache-assessed", -1, posture="orthostatic")
HEALED = new("headache-assessed", 90, posture="none")
THROMBOSIS = "cerebral-venous-thrombosis"
DRAINAGE_COUNTS = (
    f'base = "{DEFAULT}"\nid = "site"\nversion = "1"\n'
    "[settings]\ncsf_drainage_is_intervention = true\n"
)
HOME = new("patient-discharged", 5)


def admit(service: Service, name: str, *facts: NewEvent, **fields: object) -> EpisodeRef:
    """Open an episode and record what is known of it."""
    return service.append(None, saying(opening(name, **fields), *facts)).episode


def test_any_name_of_an_episode_finds_it(service: Service) -> None:
    """Short id in any case, uuid with and without dashes, reference."""
    ref = admit(service, "1")
    names = ["E-00001", "e-00001", str(ref.uuid), ref.uuid.hex.upper(), "case-1"]
    assert {service.resolve(name) for name in names} == {ref}


def test_the_beginning_of_a_name_is_enough_if_it_is_unique(service: Service) -> None:
    """Nobody types a uuid."""
    ref = admit(service, "1", short_id="E-7K3QF")
    other = admit(service, "2", short_id="E-9ABCD")
    assert service.resolve("e-7k") == ref
    assert service.resolve(str(other.uuid)[:13]) == other


def test_an_exact_name_goes_before_longer_ones(service: Service) -> None:
    """An episode cannot become unreachable because another one's name begins like its own."""
    ref = admit(service, "1")
    admit(service, "12", short_id="E-00012")
    assert service.resolve("case-1") == ref


def test_an_ambiguous_name_lists_the_candidates(service: Service) -> None:
    """The error holds what to type instead."""
    admit(service, "1")
    admit(service, "2")
    with pytest.raises(NotFoundError, match=r"E-00001 \(case-1\), E-00002 \(case-2\)"):
        service.resolve("E-0")


@pytest.mark.parametrize("ref", ["", "nothing", "%", "E-_____", "'"])
def test_what_names_nothing_is_not_found(service: Service, ref: str) -> None:
    """No character means anything but itself."""
    admit(service, "1")
    with pytest.raises(NotFoundError, match="no episode"):
        service.resolve(ref)


def test_a_corrected_name_replaces_the_old_one(service: Service) -> None:
    """The index follows corrections of the opening."""
    ref = service.append(None, saying(opening("1"))).episode
    [opened] = service.history(ref.uuid)
    changes = {"reference": "right", "patient": "P9"}
    service.append(
        ref.uuid,
        saying(new("event-corrected", 1, target=opened.id, changes=changes, reason="typo")),
    )
    assert service.resolve("right").patient == "P9"
    assert service.by_reference("case-1") is None


def test_open_episodes_of_a_patient_leave_out_closed_ones(service: Service) -> None:
    """What matters for a second opening is who is still in care."""
    admit(service, "1", new("episode-closed", 10, reason="x"), patient="P")
    kept = admit(service, "2", patient="P")
    admit(service, "3")
    assert service.open_episodes_of("P") == [kept]
    assert service.open_episodes_of("nobody") == []


def test_finding_looks_at_patient_reference_and_short_id(service: Service) -> None:
    """One text box for whatever is written on the form."""
    ref = admit(service, "1", patient="MRN-77")
    assert [list(service.find(text)) for text in ("MRN-7", "case", "e-0000")] == [[ref]] * 3
    assert list(service.find("zzz")) == []


@pytest.mark.parametrize("text", ["mrn-7", "RN-77", "rn-77", "üLLER", "case-", "ASE-1", "e-1"])
def test_finding_ignores_case_and_finds_in_the_middle(service: Service, text: str) -> None:
    """What people remember of a name is seldom its beginning."""
    ref = admit(service, "1", patient="MRN-77 Müller")
    admit(service, "2", patient="other", reference="none", short_id="E-7K3QF")
    assert list(service.find(text)) == [ref]


def test_what_begins_so_hides_what_only_holds_it(service: Service) -> None:
    """The short list comes first: a scan is for what nothing begins with."""
    ref = admit(service, "1", patient="smith")
    admit(service, "2", patient="blacksmith")
    assert list(service.find("Smith")) == [ref]


def test_finding_takes_no_character_for_another(service: Service) -> None:
    """A percent sign or underscore is meant as it stands."""
    ref = admit(service, "1", patient="a%b_c")
    admit(service, "2", patient="axbyc")
    assert [list(service.find(text)) for text in ("%b_", "_c", "%x")] == [[ref], [ref], []]


def test_rows_of_episodes_are_as_time_has_it(service: Service, clock: Clock) -> None:
    """A row that time has overtaken is evaluated anew."""
    clock.instant = START + datetime.timedelta(hours=1)
    ref = admit(service, "1", PATCH)
    before = service.rows_of([ref])[ref.key].stage
    clock.instant = START + datetime.timedelta(days=5)
    assert (before, service.rows_of([ref])[ref.key].stage) == ("post-patch", "follow-up")


def test_short_ids_complete_what_is_typed(service: Service) -> None:
    """For the shell's completion."""
    admit(service, "1")
    admit(service, "2")
    assert service.short_ids("e-0", 10) == ["E-00001", "E-00002"]
    assert service.short_ids("e-0", 1) == ["E-00001"]
    assert service.short_id_taken("E-00001")
    assert not service.short_id_taken("E-0000")


def test_all_episodes_come_in_the_order_of_opening(service: Service) -> None:
    """An export is the same every time."""
    refs = [admit(service, str(n)) for n in (3, 1, 2)]
    assert list(service.all_episodes()) == refs


def test_due_episodes_are_found_when_it_is_time(service: Service, clock: Clock) -> None:
    """The scheduler sees an episode from the instant at which something is owed."""
    clock.instant = START + datetime.timedelta(hours=1)
    ref = admit(service, "1", PATCH)
    due_at = service.next_due()
    assert due_at is not None
    assert service.due(due_at - datetime.timedelta(microseconds=1), 10) == []
    assert service.due(due_at, 10) == [ref.uuid]


def test_nothing_is_due_in_an_empty_database(service: Service, clock: Clock) -> None:
    """No episode, no reminder."""
    assert service.next_due() is None
    assert service.due(clock.instant, 10) == []


def test_late_reminders_are_told_from_coming_ones(service: Service, clock: Clock) -> None:
    """At its last instant a reminder is not yet late."""
    admit(service, "1", PATCH, HOME)
    [early] = [r for r in service.status(service.resolve("case-1").uuid).reminders
               if r.kind == "early-review"]  # fmt: skip
    with service.database.reading() as conn:
        at = [r.kind for r in reminders.late(conn, early.due_at, 10)]
        after = [
            r.kind
            for r in reminders.late(conn, early.due_at + datetime.timedelta(microseconds=1), 10)
        ]
        number = reminders.count_late(conn, early.due_at)
    assert "early-review" not in at
    assert "early-review" in after
    assert number == len(at)


def test_settled_reminders_and_ended_alerts_have_no_rows(service: Service) -> None:
    """The tables hold what is owed and what stands, and stay small."""
    review = new("review-completed", 30, review="early")
    ref = admit(service, "1", PATCH, HOME, review)
    status = service.status(ref.uuid)
    with service.database.reading() as conn:
        owed = set(conn.execute(select(tables.reminders.c.id)).scalars())
        standing = {a.id for level in ("info", "advisory", "warning", "urgent")
                    for a in alerts.active(conn, level, 50)}  # fmt: skip
    assert owed == {r.id for r in status.reminders if r.live}
    assert standing == {a.id for a in status.alerts if a.active}


def test_counters_follow_every_change(service: Service) -> None:
    """What an episode no longer counts for is taken off again, and a zero is not shown."""
    ref = admit(service, "1")
    admit(service, "2")
    assert service.statistics("stage") == {"stage/at-risk": 2}
    service.append(ref.uuid, saying(new("headache-assessed", 10, posture="orthostatic")))
    assert service.statistics("stage") == {"stage/assessment": 1, "stage/at-risk": 1}
    assert service.statistics()["episodes"] == 2


def test_counters_are_as_it_is_now(service: Service, clock: Clock) -> None:
    """What time alone has changed is counted as it is, before anybody has written it down."""
    clock.instant = START + datetime.timedelta(hours=1)
    admit(service, "1", PATCH)
    assert "active-alert/follow-up-overdue" not in service.statistics("active-alert")
    clock.pass_(days=10)
    assert service.statistics("active-alert")["active-alert/follow-up-overdue"] == 1
    kept = service.statistics()
    assert service.refresh() == 1
    assert service.statistics() == kept


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ([], set()),
        ([new("surgical-repair-performed", 5)], {"intervention"}),
        ([PATCH], {"intervention", "patch"}),
        (
            [LEAK, PATCH, new("headache-assessed", 30, posture="none")],
            {"intervention", "patch", "first-patch-remission"},
        ),
        (
            [LEAK, PATCH, new("blood-patch-performed", 60), HEALED],
            {"intervention", "patch", "second-intervention"},
        ),
        (
            [LEAK, PATCH, new("blood-patch-performed", 1), HEALED],
            {"intervention", "patch", "first-patch-remission"},
        ),
        (
            [LEAK, PATCH, new("rebound-headache-diagnosed", 30)],
            {"intervention", "patch", "rebound-after-patch"},
        ),
        ([new("complication-diagnosed", 5, complication=THROMBOSIS)], {"venous-thrombosis"}),
        ([new("csf-drainage-performed", 5)], set()),
        ([new("aspiration-performed", 5)], set()),
    ],
)
def test_the_cohort_is_counted_by_outcome(
    service: Service, facts: list[NewEvent], names: set[str]
) -> None:
    """What counts is the pathway's: a duplicate patch is no intervention, and hides none."""
    admit(service, "1", *facts)
    assert set(service.statistics("cohort")) == {f"cohort/{name}" for name in names}


def test_the_cohort_follows_the_protocol(service: Service) -> None:
    """Where draining CSF counts as an intervention, it does so in the figures."""
    service.protocols.add(DRAINAGE_COUNTS, "anna", NOW)
    admit(service, "1", new("csf-drainage-performed", 5), protocol="site@1")
    assert service.statistics("cohort") == {"cohort/intervention": 1}


def test_a_later_tick_takes_the_place_of_the_earlier(service: Service, clock: Clock) -> None:
    """One row per scheduler says when it was last alive."""
    assert service.last_tick() is None
    service.ticked(clock.instant, "one", {"issued": 3})
    clock.pass_(minutes=1)
    service.ticked(clock.instant, "two", {"issued": 0, "skipped": 2})
    clock.pass_(minutes=1)
    service.ticked(clock.instant, "one", {"issued": 1})
    last = service.last_tick()
    assert last is not None
    assert (last.last_tick, last.scheduler, last.issued) == (clock.instant, "one", 1)
    assert [beat.scheduler for beat in service.heartbeats()] == ["one", "two"]
