"""Work items: who sees them, who may do what, drafts, deadlines and forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from perfflow.calendar import FIRM_ZONE
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation, RuleViolations
from perfflow.workflow import actions, queries
from perfflow.workflow.models import LadderNotice
from tests.workflow.building import (
    AUDITOR,
    Bench,
    EMPLOYEE,
    HR,
    HR_TWO,
    line,
    MANAGER,
    mapping,
    node,
    OUTSIDER,
    process,
    SECOND,
    service,
    user_task,
)


def one_task(**options: Any) -> bytes:
    """A process with one task."""
    return process(
        node("startEvent", "begun")
        + user_task("judge", **options)
        + node("endEvent", "done")
        + line("begun", "judge", "done")
    )


GROUP = one_task(group="=hr partner of(employee)")
JUDGED = one_task(group="hr-partner/B1", properties={"not_for": "=[employee]"})


def act(bench: Bench, name: str, actor: Actor, *rest: Any) -> None:
    """Do something with the task."""
    with bench.database.writing() as session:
        getattr(actions, name)(session, actor, bench.now, bench.task("judge").id, *rest)


def test_a_group_task_is_claimed_by_one_and_then_refused_to_the_other(bench: Bench) -> None:
    bench.deploy(GROUP)
    bench.start(employee="E1")
    act(bench, "claim_task", HR)
    with pytest.raises(Conflict) as raised:
        act(bench, "claim_task", HR_TWO)
    assert raised.value.params["employee"] == "E3"
    with pytest.raises(NotAllowed):
        bench.complete("judge", actor=HR_TWO)
    bench.complete("judge", actor=HR)
    assert bench.status() == "completed"


def test_a_member_of_the_group_claims_by_completing(bench: Bench) -> None:
    bench.deploy(GROUP)
    bench.start(employee="E1")
    bench.complete("judge", actor=HR_TWO)
    with bench.database.reading() as session:
        (done,) = queries.inbox(session, HR_TWO, bench.now, "done").tasks
    assert (done.assignee_no, done.completed_by) == ("E4", "E4")


def test_a_released_task_is_open_to_the_group_again(bench: Bench) -> None:
    bench.deploy(GROUP)
    bench.start(employee="E1")
    act(bench, "claim_task", HR)
    act(bench, "release_task", HR)
    act(bench, "claim_task", HR_TWO)
    assert bench.task("judge").assignee_no == "E4"


@pytest.mark.parametrize("name", ["claim_task", "release_task"])
def test_a_stranger_cannot_even_learn_of_the_task(bench: Bench, name: str) -> None:
    bench.deploy(GROUP)
    bench.start(employee="E1")
    with pytest.raises(NotFound):
        act(bench, name, OUTSIDER)
    with bench.database.reading() as session, pytest.raises(NotFound):
        queries.task(session, OUTSIDER, bench.task("judge").id, bench.now)


def test_an_auditor_reads_but_does_not_complete(bench: Bench) -> None:
    bench.deploy(GROUP)
    bench.start(employee="E1")
    with bench.database.reading() as session:
        view = queries.task(session, AUDITOR, bench.task("judge").id, bench.now)
    assert not view.may_complete
    with pytest.raises(NotAllowed):
        bench.complete("judge", actor=AUDITOR)


ON_THE_OWN_CASE: dict[str, Callable[[Bench], None]] = {
    "claim": lambda bench: act(bench, "claim_task", HR),
    "complete": lambda bench: bench.complete("judge", actor=HR),
    "reassign": lambda bench: act(bench, "reassign_task", HR_TWO, "E3", "holiday"),
    "draft": lambda bench: act(bench, "save_draft", HR, {}),
}


@pytest.mark.parametrize("name", ON_THE_OWN_CASE)
def test_nobody_works_on_the_task_that_judges_her(bench: Bench, name: str) -> None:
    bench.deploy(JUDGED)
    bench.start(employee="E3")
    with pytest.raises(NotAllowed) as raised:
        ON_THE_OWN_CASE[name](bench)
    assert raised.value.code == "workflow.own_case"
    with bench.database.reading() as session:
        assert queries.inbox(session, HR, bench.now, "groups").tasks == []
        assert len(queries.inbox(session, HR_TWO, bench.now, "groups").tasks) == 1


def test_an_assignee_who_would_judge_himself_is_replaced_by_the_line_above(
    bench: Bench,
) -> None:
    bench.deploy(one_task(who="=employee", properties={"not_for": "=employee"}))
    bench.start(employee="E1")
    assert bench.task("judge").assignee_no == "E5"


def test_work_without_a_holder_goes_to_hr(bench: Bench) -> None:
    bench.deploy(one_task(who="=manager of(employee)"))
    bench.start(employee="E5")
    task = bench.task("judge")
    assert (task.assignee_no, task.candidate_group) == (None, "hr-partner/B1")


def test_a_stale_page_is_told_so_and_changes_nothing(bench: Bench) -> None:
    bench.deploy(GROUP)
    bench.start(employee="E1")
    stale = bench.task("judge").revision
    act(bench, "claim_task", HR)
    with bench.database.writing() as session, pytest.raises(Conflict) as raised:
        actions.complete_task(session, HR, bench.now, bench.task("judge").id, stale, {})
    assert raised.value.code == "workflow.task_moved_on"


def test_a_second_submit_of_a_done_task_is_a_conflict(bench: Bench) -> None:
    bench.deploy(one_task())
    bench.start()
    task = bench.task("judge")
    bench.complete("judge")
    with bench.database.writing() as session, pytest.raises(Conflict) as raised:
        actions.complete_task(session, EMPLOYEE, bench.now, task.id, task.revision, {})
    assert raised.value.code == "workflow.task_done"


def test_the_manager_of_the_holder_may_reassign_with_a_reason(bench: Bench) -> None:
    bench.deploy(one_task())
    bench.start()
    with pytest.raises(RuleViolation) as raised:
        act(bench, "reassign_task", MANAGER, "E9", " ")
    assert raised.value.field == "reason"
    act(bench, "reassign_task", MANAGER, "E9", "long leave")
    assert bench.task("judge").assignee_no == "E9"
    with pytest.raises(NotFound):
        bench.complete("judge", actor=EMPLOYEE)
    bench.complete("judge", actor=OUTSIDER)


def test_colleagues_may_not_reassign(bench: Bench) -> None:
    bench.deploy(GROUP)
    bench.start(employee="E1")
    with pytest.raises(NotFound):
        act(bench, "reassign_task", SECOND, "E9", "because")


def test_drafts_are_kept_for_each_person(bench: Bench) -> None:
    bench.deploy(GROUP)
    bench.start(employee="E1")
    act(bench, "save_draft", HR, {"note": "mine"})
    act(bench, "save_draft", HR_TWO, {"note": "hers"})
    act(bench, "save_draft", HR, {"note": "mine, longer"})
    task = bench.task("judge")
    with bench.database.reading() as session:
        mine, hers = (queries.draft_of(session, who, task.id) for who in (HR, HR_TWO))
    assert mine is not None
    assert hers is not None
    assert (mine.data, hers.data) == ({"note": "mine, longer"}, {"note": "hers"})
    bench.complete("judge", actor=HR)
    with bench.database.reading() as session:
        assert queries.draft_of(session, HR, task.id) is None


LADDER = one_task(
    who="=employee",
    due="=working days after(today(), 5)",
    properties={
        "ladder": "-3 remind; -1 remind; 0 remind; +2 escalate second-line; +5 escalate hr-partner"
    },
)


def notices(bench: Bench) -> list[tuple[str, list[str]]]:
    """What was sent, in order."""
    table = LadderNotice.__table__
    with bench.database.reading() as session:
        rows = session.execute(select(table).order_by(table.c.sent_at, table.c.id))
        return [(row.rung, row.recipients) for row in rows]


def firm(day: int, hour: int = 12) -> datetime:
    """A January 2025 instant in the firm's zone."""
    return datetime(2025, 1, day, hour, tzinfo=FIRM_ZONE)


def test_a_date_without_time_is_due_at_the_end_of_that_day(bench: Bench) -> None:
    bench.deploy(LADDER)
    bench.start(employee="E1")
    due = bench.task("judge").due_at.astimezone(FIRM_ZONE)
    assert due == datetime(2025, 1, 20, 23, 59, 59, tzinfo=FIRM_ZONE)


def test_the_ladder_reminds_and_escalates_in_working_days(bench: Bench) -> None:
    bench.deploy(LADDER)
    bench.start(employee="E1")
    bench.advance(firm(20))
    assert notices(bench) == [("-3 remind", ["E1"]), ("-1 remind", ["E1"]), ("+0 remind", ["E1"])]
    bench.advance(firm(31))
    assert notices(bench)[3:] == [
        ("+2 escalate second-line", ["E5"]),
        ("+5 escalate hr-partner", ["E3", "E4"]),
    ]
    assert bench.tasks() == ["judge"]


def test_nobody_is_reminded_of_work_that_is_done(bench: Bench) -> None:
    bench.deploy(LADDER)
    bench.start(employee="E1")
    bench.complete("judge")
    assert bench.advance(firm(31)) == 0
    assert notices(bench) == []


def test_moving_a_deadline_arms_the_ladder_anew_but_sends_nothing_twice(bench: Bench) -> None:
    bench.deploy(LADDER)
    bench.start(employee="E1")
    bench.advance(firm(16))
    assert notices(bench) == [("-3 remind", ["E1"])]
    with bench.database.writing() as session:
        actions.move_deadline(session, HR, bench.now, bench.task("judge").id, firm(24, 18))
    bench.advance(firm(24, 19))
    assert notices(bench) == [("-3 remind", ["E1"]), ("-1 remind", ["E1"]), ("+0 remind", ["E1"])]


FORM = json.dumps(
    {
        "type": "default",
        "schemaVersion": 19,
        "id": "opinion",
        "components": [
            {
                "type": "number",
                "key": "score",
                "label": "分数",
                "validate": {"required": True, "min": 0, "max": 100},
                "properties": {"label@en": "Score"},
            },
            {
                "type": "textfield",
                "key": "why",
                "label": "理由",
                "properties": {"label@en": "Why"},
            },
        ],
    }
).encode()
WITH_FORM = process(
    node("startEvent", "begun")
    + user_task(
        "judge",
        inner='<zeebe:formDefinition formId="opinion"/>' + mapping(outputs={"result": "=score"}),
    )
    + service("boom", "testing.fail", mapping({"code": "=&quot;LOW&quot;"}))
    + node("endEvent", "done")
    + line("begun", "judge", "boom", "done")
)
PASSING = process(
    node("startEvent", "begun")
    + user_task(
        "judge",
        inner='<zeebe:formDefinition formId="opinion"/>' + mapping(outputs={"result": "=score"}),
    )
    + node("endEvent", "done")
    + line("begun", "judge", "done")
)


def test_only_mapped_answers_become_variables_and_all_are_kept(bench: Bench) -> None:
    bench.deploy(PASSING, opinion=FORM)
    bench.start()
    bench.complete("judge", {"score": 80, "why": "good year"})
    assert bench.variables() == {"result": 80}
    with bench.database.reading() as session:
        (submission,) = queries.submissions_of(session, "K1")
    assert submission.data == {"score": 80, "why": "good year"}


@pytest.mark.parametrize(
    "values", [{}, {"score": "many"}, {"score": 101}, {"score": 5, "salary": 1}]
)
def test_wrong_answers_are_refused_on_their_field_and_nothing_is_stored(
    bench: Bench, values: dict[str, Any]
) -> None:
    bench.deploy(PASSING, opinion=FORM)
    bench.start()
    with pytest.raises(RuleViolations):
        bench.complete("judge", values)
    assert bench.tasks() == ["judge"]
    with bench.database.reading() as session:
        assert queries.submissions_of(session, "K1") == []


def test_a_failure_deep_in_the_step_undoes_the_whole_completion(bench: Bench) -> None:
    bench.deploy(WITH_FORM, opinion=FORM)
    bench.start()
    before = bench.task("judge")
    with pytest.raises(RuleViolation):
        bench.complete("judge", {"score": 10})
    assert bench.task("judge") == before
    assert bench.variables() == {}
    with bench.database.reading() as session:
        assert queries.submissions_of(session, "K1") == []


def test_a_completion_keeps_to_its_statements(bench: Bench, count_statements: Any) -> None:
    properties = {"ladder": "0 remind"}
    content = process(
        node("startEvent", "begun")
        + user_task("judge", inner='<zeebe:formDefinition formId="opinion"/>')
        + user_task("next", due="=today()", properties=properties)
        + node("endEvent", "done")
        + line("begun", "judge", "next", "done")
    )
    bench.deploy(content, opinion=FORM)
    bench.start()
    bench.start(business="K2")
    bench.complete("judge", {"score": 1}, business="K2")
    task = bench.task("judge")
    with count_statements(bench.database.engine) as counted, bench.database.writing() as session:
        actions.complete_task(session, EMPLOYEE, bench.now, task.id, task.revision, {"score": 80})
    assert len(counted) <= 11, str(counted)
