"""What happens to a cycle on its way: plan, cascades, launch, announcements, closing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import firm_calendar, local_date
from perfflow.cycles import queries
from perfflow.cycles.actions.creation import check_in_variables, CREATORS, Population
from perfflow.cycles.models import Cycle, Participant, UnitCascade
from perfflow.cycles.rules import joiner_deadlines
from perfflow.jobs import job_kind, JobContext, now_or_later
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation, RuleViolations
from perfflow.people import queries as people_queries
from perfflow.plans import queries as plan_queries
from perfflow.plans.linting import judged_findings
from perfflow.plans.rules import Judged, Severity
from perfflow.workflow import actions as workflow_actions

LAUNCH = "cycles.job_launch"
CASCADE_KINDS = frozenset({"division", "region", "branch"})
INTERVIEWS = frozenset({"feedback-interview"})


def _guard(actor: Actor) -> None:
    if not actor.is_system and not actor.has(*CREATORS):
        raise NotAllowed("cycles.operators_only")


def publish_plan(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    *,
    statement: str,
    extra: Mapping[str, Any] | None = None,
) -> list[Judged]:
    """Let the cycle's cards and bonus plan take effect; any error of the plan linter refuses,
    unless an override that is valid today covers it.

    Gives the findings that do not block.
    """
    _guard(actor)
    found = queries.cycle(session, cycle_code)
    if found.status != "preparing":
        raise Conflict("cycles.published_already", cycle=cycle_code)
    findings = judged_findings(session, found.release_number, local_date(now))
    errors = [one.finding for one in findings if one.blocks]
    if errors:
        raise RuleViolations([RuleViolation(error.message, **error.wording) for error in errors])
    found.status = "running"
    found.extra = {
        **(found.extra or {}),
        "plan": {"statement": statement, "published_by": actor.name, "published_at": now},
        "plan_extra": dict(extra or {}),
    }
    record(
        session,
        actor,
        now,
        AuditEvent.CYCLES_PLAN_PUBLISHED,
        cycle_code,
        release=found.release_number,
        warnings=sum(one.finding.severity is Severity.WARNING for one in findings),
        overrides=[one.override.id for one in findings if one.override],
    )
    return findings


def open_unit_cascades(session: Session, actor: Actor, now: datetime, cycle_code: str) -> int:
    """Start the cascade of every unit that has a head and somebody who takes part."""
    found = queries.cycle(session, cycle_code)
    dates = queries.deadlines(session, cycle_code)
    on = local_date(now)
    placements = people_queries.placements_on(session, on)
    wanted = Population.from_json((found.extra or {}).get("population"))
    staffed: set[str] = set()
    for placed in placements.values():
        if wanted.holds(placed.unit_path, placed.assignment.post_code):
            staffed.update(placed.unit_path.split("/"))
    count = 0
    for unit in people_queries.units_on(session, on):
        if unit.kind not in CASCADE_KINDS or unit.code not in staffed:
            continue
        if unit.head_no is None or unit.head_no not in placements:
            continue
        session.add(
            UnitCascade(
                cycle_code=cycle_code,
                unit_code=unit.code,
                head_no=unit.head_no,
                status="open",
                opened_at=now,
            )
        )
        session.flush()
        workflow_actions.start_instance(
            session,
            actor,
            now,
            "unit-cascade",
            f"{cycle_code}/cascade/{unit.code}",
            {"cycle": cycle_code, "unit": unit.code, "head": unit.head_no, "deadlines": dates},
            bundle_number=found.bundle_number,
        )
        count += 1
    record(session, actor, now, AuditEvent.CYCLES_CASCADES_OPENED, cycle_code, units=count)
    return count


def close_unit_cascade(
    session: Session, actor: Actor, now: datetime, cycle_code: str, unit_code: str
) -> int:
    """Close one unit's cascade; the last one tells the cycle. Gives how many are open still."""
    # Two heads may finish at once: the row of the cycle is the lock that makes one of them last.
    session.execute(select(Cycle.code).where(Cycle.code == cycle_code).with_for_update())
    cascade = session.get(UnitCascade, (cycle_code, unit_code))
    if cascade is None:
        raise RuleViolation("cycles.no_cascade", cycle=cycle_code, unit=unit_code)
    if cascade.status != "closed":
        cascade.status = "closed"
        cascade.closed_at = now
        session.flush()
        record(session, actor, now, AuditEvent.CYCLES_CASCADE_CLOSED, f"{cycle_code}/{unit_code}")
    left = queries.open_cascade_count(session, cycle_code)
    if left == 0:
        workflow_actions.publish_message(
            session,
            actor,
            now,
            "cascades-complete",
            cycle_code,
            dedupe_id=f"{cycle_code}/cascades-complete",
        )
    return left


def _candidates(
    session: Session, now: datetime, found: Cycle, on: date, numbers: Collection[str] | None = None
) -> list[Participant]:
    """The people at work on the day whose post has a card and whom the population holds."""
    cards = plan_queries.cards_by_post(session, found.release_number)
    session_units = people_queries.calibration_unit_codes(people_queries.units_on(session, on))
    wanted = Population.from_json((found.extra or {}).get("population"))
    placements = people_queries.placements_on(session, on, numbers)
    rows = []
    for number, placed in sorted(placements.items()):
        post_code, unit_code = placed.assignment.post_code, placed.assignment.unit_code
        if post_code not in cards or not wanted.holds(placed.unit_path, post_code):
            continue
        rows.append(
            Participant(
                cycle_code=found.code,
                employee_no=number,
                status=queries.ACTIVE,
                post_code=post_code,
                unit_code=unit_code,
                calibration_unit_code=session_units.get(unit_code, unit_code),
                pool_code=session_units.get(unit_code, unit_code),
                card_code=cards[post_code].code,
                manager_no=placed.assignment.manager_no,
                joined_at=now,
            )
        )
    return rows


def launch_participants(session: Session, actor: Actor, now: datetime, cycle_code: str) -> int:
    """Start the appraisal of everybody at work whose post has a card; gives their number.

    Who takes part is written at once; the appraisals of a large firm start in the background.
    """
    found = queries.cycle(session, cycle_code)
    rows = _candidates(session, now, found, max(local_date(now), found.starts_on))
    session.add_all(rows)
    session.flush()
    now_or_later(session, actor, now, LAUNCH, cycle_code, [row.employee_no for row in rows])
    record(
        session, actor, now, AuditEvent.CYCLES_PARTICIPANTS_LAUNCHED, cycle_code, count=len(rows)
    )
    return len(rows)


@job_kind(LAUNCH)
def start_appraisals(context: JobContext, numbers: Sequence[str]) -> Mapping[str, Any]:
    """Start the appraisals of people who take part already."""
    found = queries.cycle(context.session, context.subject)
    _start_appraisals(context.session, context.actor, context.now, found, numbers)
    return {"started": len(numbers)}


def missing_participants(session: Session, now: datetime, cycle_code: str) -> list[str]:
    """Who is at work, has a card and belongs to the population, but is not in the cycle.

    Nobody before the launch (it takes everybody in), nor when the period is over.
    """
    found = queries.cycle(session, cycle_code)
    on = max(local_date(now), found.starts_on)
    if found.status != "running" or on > found.ends_on:
        return []
    known = set(
        session.scalars(select(Participant.employee_no).where(Participant.cycle_code == cycle_code))
    )
    if not known:
        return []
    rows = _candidates(session, now, found, on)
    return [row.employee_no for row in rows if row.employee_no not in known]


def add_participant(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> Participant:
    """Take somebody into a running cycle who was not there at its launch (a joiner).

    She begins where it makes sense on that day: goals with time to agree on them, no check-in
    for a period that ended before she came.
    """
    _guard(actor)
    found = queries.cycle(session, cycle_code)
    if found.status != "running":
        raise Conflict("cycles.not_running", cycle=cycle_code)
    if session.get(Participant, (cycle_code, employee_no)) is not None:
        raise Conflict("cycles.participant_exists", cycle=cycle_code, employee=employee_no)
    on = max(local_date(now), found.starts_on)
    if on > found.ends_on:
        raise Conflict("cycles.period_over", cycle=cycle_code, on=found.ends_on)
    rows = _candidates(session, now, found, on, [employee_no])
    if not rows:
        raise RuleViolation("cycles.not_in_population", employee=employee_no, cycle=cycle_code)
    session.add_all(rows)
    session.flush()
    _start_appraisals(session, actor, now, found, [employee_no], joined_on=on)
    record(session, actor, now, AuditEvent.CYCLES_PARTICIPANT_ADDED, f"{cycle_code}/{employee_no}")
    return rows[0]


def _start_appraisals(
    session: Session,
    actor: Actor,
    now: datetime,
    found: Cycle,
    numbers: Sequence[str],
    joined_on: date | None = None,
) -> None:
    template = queries.pack(session, found.pack_code, found.release_number)
    calendar = firm_calendar(session)
    dates = queries.deadlines(session, found.code)
    check_ins = check_in_variables(template, found, calendar)
    passed = 0
    if joined_on is not None:
        dates = joiner_deadlines(dates, joined_on, calendar)
        passed = sum(one["period_ends_on"] < joined_on for one in check_ins)
    workflow_actions.start_instances(
        session,
        actor,
        now,
        template.participant_process,
        [
            (
                f"{found.code}/{number}",
                {
                    "cycle": found.code,
                    "employee": number,
                    "deadlines": dates,
                    "check_ins": check_ins,
                    "check_in_no": passed,
                    "follow_up_no": 0,
                },
            )
            for number in numbers
        ],
        bundle_number=found.bundle_number,
    )


def exclude_participant(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str, reason: str
) -> None:
    """Take somebody out of the cycle, with a reason; her appraisal no longer counts."""
    _guard(actor)
    if not reason.strip():
        raise RuleViolation("cycles.reason_needed", field="reason")
    row = queries.participant(session, cycle_code, employee_no)
    if row.status != queries.ACTIVE:
        raise Conflict("cycles.not_active", cycle=cycle_code, employee=employee_no)
    row.status = "excluded"
    row.reason = reason
    row.closed_at = now
    record(
        session,
        actor,
        now,
        AuditEvent.CYCLES_PARTICIPANT_EXCLUDED,
        f"{cycle_code}/{employee_no}",
        reason=reason,
    )


def announce_data_frozen(session: Session, actor: Actor, now: datetime, cycle_code: str) -> int:
    """Tell every running appraisal that the data are final."""
    keys = queries.appraisal_keys(session, cycle_code)
    workflow_actions.publish_messages(session, actor, now, "data-frozen", keys)
    record(
        session, actor, now, AuditEvent.CYCLES_DATA_FREEZE_ANNOUNCED, cycle_code, count=len(keys)
    )
    return len(keys)


def close_participant(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> None:
    """The appraisal of a person has come to its end."""
    row = queries.participant(session, cycle_code, employee_no)
    if row.status == queries.ACTIVE:
        row.status = "closed"
        row.closed_at = now
        record(
            session,
            actor,
            now,
            AuditEvent.CYCLES_PARTICIPANT_CLOSED,
            f"{cycle_code}/{employee_no}",
        )


def archive_cycle(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    *,
    summary: str,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Close the books of a cycle; refused while interviews are open."""
    _guard(actor)
    found = queries.cycle(session, cycle_code)
    if found.status == "archived":
        raise Conflict("cycles.archived_already", cycle=cycle_code)
    waiting = queries.open_task_count(session, cycle_code, INTERVIEWS)
    if waiting:
        raise RuleViolation("cycles.interviews_open", count=waiting)
    found.status = "archived"
    found.extra = {
        **(found.extra or {}),
        "archive": {"summary": summary, "archived_by": actor.name, "archived_at": now},
        "archive_extra": dict(extra or {}),
    }
    record(session, actor, now, AuditEvent.CYCLES_CYCLE_ARCHIVED, cycle_code)
