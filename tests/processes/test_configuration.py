"""What a firm changes in files works without code: a field on a form, a step in a process."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import select

from perfflow.checkins import queries as checkin_queries
from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.models import FormSubmission
from tests.processes.stages import FIRST_QUARTER
from tests.processes.walk import Walk
from tests.support.cast import ADVISOR, HR, MANAGER, shipped_files
from tests.support.year import YEAR

STAGE = FIRST_QUARTER
FORM = "forms/check-in-preparation.form.json"
PROCESS = "processes/check-in/check-in.bpmn"
OLD, NEW = f"{YEAR}/{ADVISOR.no}", f"{YEAR}/{ADVISOR.no}/trial"
PART = {"progress": "一季度净新增 310 万元，三位老客户追加定投。", "next_priority": "完成五份回访"}
FIELD = {
    "type": "textfield",
    "key": "client_wish",
    "label": "客户最大的心愿",
    "validate": {"required": True, "maxLength": 40},
    "properties": {"label@en": "The client’s greatest wish"},
}
READ = """<bpmn:userTask id="read-guide" name="阅读指引">
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:assignmentDefinition assignee="=employee" />
        <zeebe:properties>
          <zeebe:property name="name@en" value="Read the guide" />
        </zeebe:properties>
      </bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="read-guide-to-prepare-check-in" sourceRef="read-guide" """
READ += 'targetRef="prepare-check-in" />\n  </bpmn:process>'


def deploy(walk: Walk, path: str, content: bytes) -> None:
    with walk.database.writing() as session:
        done = workflow_actions.deploy(session, SYSTEM, walk.clock.now(), {path: content})
        assert [one for one in done.findings if one.severity == "error"] == []


def with_field() -> bytes:
    form: dict[str, Any] = json.loads(shipped_files()[FORM])
    form["components"].append(FIELD)
    return json.dumps(form, ensure_ascii=False).encode()


def with_step() -> bytes:
    text = shipped_files()[PROCESS].decode()
    changed = text.replace(
        'sourceRef="check-in-due" targetRef="prepare-check-in"',
        'sourceRef="check-in-due" targetRef="read-guide"',
    )
    assert changed != text
    return changed.replace("</bpmn:process>", READ, 1).encode()


def start(walk: Walk) -> None:
    check_in = {
        "sequence": 4, "period_ends_on": date(2025, 3, 31), "due_on": date(2025, 4, 15),
        "is_mid_year": False,
    }  # fmt: skip
    with walk.database.writing() as session:
        workflow_actions.start_instance(
            session, SYSTEM, walk.clock.now(), "check-in", NEW,
            {"cycle": YEAR, "employee": ADVISOR.no, "deadlines": {}, "check_in": check_in},
        )  # fmt: skip


def test_a_field_added_to_a_form_file_is_asked_checked_stored_shown_and_exported(
    walk: Walk,
) -> None:
    deploy(walk, FORM, with_field())
    start(walk)
    _, form = walk.open(ADVISOR, NEW, "prepare-check-in")
    assert "client_wish" in form.names
    assert walk.refusal(ADVISOR, NEW, "prepare-check-in", **PART)
    assert walk.refusal(ADVISOR, NEW, "prepare-check-in", **PART, client_wish="愿" * 41)
    walk.hand_in(ADVISOR, NEW, "prepare-check-in", **PART, client_wish="孩子的教育金")
    with walk.database.reading() as session:
        row = checkin_queries.check_in(session, YEAR, ADVISOR.no, 4)
        assert row is not None
        assert "孩子的教育金" in str(row.extra)
        number = session.scalars(
            select(FormSubmission.id).order_by(FormSubmission.id.desc()).limit(1)
        ).one()
    record = walk.visit(ADVISOR).get(f"/inbox/record/{number}")
    assert record.status_code == 200
    assert "孩子的教育金" in record.text
    assert "The client’s greatest wish" in record.text
    exported = walk.visit(HR).get("/inbox/export?process=check-in&step=prepare-check-in")
    assert exported.status_code == 200, exported.text
    assert "孩子的教育金" in exported.text


def test_a_running_case_keeps_the_form_it_began_with(walk: Walk) -> None:
    deploy(walk, FORM, with_field())
    _, form = walk.open(ADVISOR, OLD, "prepare-check-in")
    assert "client_wish" not in form.names
    walk.hand_in(ADVISOR, OLD, "prepare-check-in", **PART)
    assert walk.waiting(OLD) == [("conduct-check-in", MANAGER.no)]


def test_a_step_added_to_a_process_is_there_for_the_next_case_only(walk: Walk) -> None:
    deploy(walk, PROCESS, with_step())
    assert walk.steps(OLD) == ["prepare-check-in"]
    start(walk)
    assert walk.waiting(NEW) == [("read-guide", ADVISOR.no)]
    walk.hand_in(ADVISOR, NEW, "read-guide")
    assert walk.steps(NEW) == ["prepare-check-in"]
    walk.hand_in(ADVISOR, NEW, "prepare-check-in", **PART)
    assert walk.waiting(NEW) == [("conduct-check-in", MANAGER.no)]


def test_every_name_in_the_shipped_files_exists(walk: Walk) -> None:
    """Service tasks, bindings, forms, groups and metrics: the gate names what is missing."""
    with walk.database.writing() as session:
        done = workflow_actions.deploy(session, SYSTEM, walk.clock.now(), shipped_files())
        assert [str(one) for one in done.findings if one.severity == "error"] == []
        assert workflow_queries.current_bundle(session) >= 1
