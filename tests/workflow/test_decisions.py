"""Decisions inside processes: what the gate says about them, their values and their records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from perfflow.i18n import word
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.kernel.errors import RuleViolation
from perfflow.workflow import actions, queries
from perfflow.workflow.actions.deploying import RefusedDeployment
from perfflow.workflow.definitions.findings import Finding
from perfflow.workflow.definitions.gate import check_files
from perfflow.workflow.worker import Round, run_due
from tests.feel.dmn import decision, input_data, model, table, text
from tests.workflow.building import (
    Bench,
    extensions,
    line,
    mapping,
    node,
    process,
    timer,
    user_task,
)

FACTORS = table(
    ["score"],
    [["[0..60)", "0"], ["[60..90)", "1"], [">= 90", "1.5"], ["< 0", "0"]],
)
FACTOR = model(input_data("score", "number"), decision("factor", FACTORS, ["in-score"]))
DUE = model(
    input_data("start", "date"),
    decision("reply-by", text("working days after(start, 3)"), ["in-start"]),
)


def deciding(
    decision_id: str = "factor", inner: str = "", properties: Mapping[str, str] | None = None
) -> bytes:
    """Begins, decides, and waits for somebody."""
    return process(
        node("startEvent", "begun") + rule_task(decision_id, inner) + rest("begun"),
        properties=properties,
    )


def rule_task(decision_id: str, inner: str = "", result: str = "found") -> str:
    called = f'<zeebe:calledDecision decisionId="{decision_id}" resultVariable="{result}"/>'
    return node("businessRuleTask", "decide", extensions(called + inner))


def rest(*before: str) -> str:
    return user_task("after") + node("endEvent", "done") + line(*before, "decide", "after", "done")


def deploy(bench: Bench, content: bytes, *models: bytes) -> actions.Deployed:
    files = {"processes/trial/trial.bpmn": content}
    files |= {f"processes/trial/rules-{n}.dmn": one for n, one in enumerate(models)}
    with bench.database.writing() as session:
        return actions.deploy(session, SYSTEM, bench.now, files)


def findings(*models: bytes, content: bytes | None = None) -> list[Finding]:
    files = {f"processes/rules-{n}.dmn": one for n, one in enumerate(models)}
    if content is not None:
        files["processes/trial.bpmn"] = content
    # The steps around the decision have no forms, which is no matter here.
    return [one for one in check_files(files) if one.code != "WF-401"]


def recorded(bench: Bench) -> list[Any]:
    with bench.database.reading() as session:
        row = queries.instance_by_key(session, "K1")
        return [] if row is None else queries.evaluations_of(session, row.id)


# ----- values


@pytest.mark.parametrize(
    ("score", "factor"), [(59, 0), (60, 1), (Decimal("93.25"), Decimal("1.5"))]
)
def test_the_matching_rule_gives_the_result_variable(
    bench: Bench, score: Decimal, factor: Decimal
) -> None:
    deploy(bench, deciding(), FACTOR)
    bench.start(score=score)
    assert bench.variables()["found"] == factor
    assert bench.tasks() == ["after"]


def test_an_input_mapping_gives_the_decision_its_own_names(bench: Bench) -> None:
    deploy(bench, deciding(inner=mapping({"score": "=points * 10"})), FACTOR)
    bench.start(points=6)
    assert bench.variables() == {"points": 6, "found": 1}


def test_an_output_mapping_takes_what_it_wants_from_the_result(bench: Bench) -> None:
    inner = mapping(outputs={"raised": "=found + 1"})
    deploy(bench, deciding(inner=inner), FACTOR)
    bench.start(score=95)
    assert bench.variables() == {"score": 95, "raised": Decimal("2.5")}


def test_decisions_count_working_days_with_the_firm_calendar(bench: Bench) -> None:
    from perfflow.calendar import firm_calendar

    deploy(bench, deciding("reply-by"), DUE)
    start = date(2026, 1, 30)
    bench.start(start=start)
    with bench.database.reading() as session:
        expected = firm_calendar(session).add_working_days(start, 3)
    assert bench.variables()["found"] == expected > start


def test_a_decision_of_another_file_is_used_by_import(bench: Bench) -> None:
    imported = (
        '<import name="base" namespace="urn:test" '
        'importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    )
    doubled = decision("doubled", text("base.factor * 2"), ["urn:test#factor"])
    deploy(bench, deciding("doubled"), FACTOR, model(imported, doubled, namespace="urn:other"))
    bench.start(score=95)
    assert bench.variables()["found"] == 3


def test_a_computed_name_finds_its_decision_or_says_which_is_missing(bench: Bench) -> None:
    deploy(bench, deciding("=which"), FACTOR)
    bench.start(business="good", which="factor", score=70)
    assert bench.variables("good")["found"] == 1
    with pytest.raises(RuleViolation) as caught:
        bench.start(business="bad", which="nothing")
    assert caught.value.code == "workflow.unknown_decision"
    assert bench.status("bad") == "none"


# ----- records


@pytest.mark.both_databases
def test_every_evaluation_is_recorded_with_inputs_rules_and_output(bench: Bench) -> None:
    deploy(bench, deciding(), FACTOR)
    instance_id = bench.start(score=Decimal("93.25"), employee="E1")
    (row,) = recorded(bench)
    assert (row.instance_id, row.element_id, row.decision_id) == (instance_id, "decide", "factor")
    assert (row.business_key, row.definition_key, row.subject_no) == ("K1", "trial", "E1")
    assert (row.bundle_number, row.path) == (1, "processes/trial/rules-0.dmn")
    assert row.evaluated_at == bench.now
    assert row.inputs == [{"name": "score", "value": "93.25"}]
    assert [rule["number"] for rule in row.tables[0]["rules"]] == [3]
    assert (row.output, row.warnings) == ("1.5", [])


def test_a_null_is_recorded_with_its_reason_in_both_languages(bench: Bench) -> None:
    deploy(bench, deciding(), FACTOR)
    bench.start()
    assert bench.variables()["found"] is None
    (row,) = recorded(bench)
    assert row.output == "null"
    missing = row.warnings[0]
    assert missing["code"] == "feel.missing_input"
    assert missing["zh"] != missing["en"]


def test_a_step_that_fails_leaves_no_record(bench: Bench) -> None:
    broken = process(
        node("startEvent", "begun")
        + rule_task("factor")
        + node(
            "serviceTask",
            "boom",
            extensions(
                '<zeebe:taskDefinition type="testing.fail"/>' + mapping({"code": "=&quot;X&quot;"})
            ),
        )
        + node("endEvent", "done")
        + line("begun", "decide", "boom", "done")
    )
    deploy(bench, broken, FACTOR)
    with pytest.raises(RuleViolation):
        bench.start(score=70)
    assert recorded(bench) == []


def test_running_instances_keep_the_decision_of_their_bundle(bench: Bench) -> None:
    waiting = process(
        node("startEvent", "begun")
        + user_task("first")
        + rule_task("factor")
        + rest("begun", "first")
    )
    deploy(bench, waiting, FACTOR)
    bench.start(score=95)
    stricter = FACTORS.replace("1.5", "1.2")
    deploy(bench, waiting, model(input_data("score"), decision("factor", stricter, ["in-score"])))
    bench.complete("first")
    assert bench.variables()["found"] == Decimal("1.5")
    assert [row.bundle_number for row in recorded(bench)] == [1]


# ----- the gate


def test_an_unknown_decision_stops_the_deployment(bench: Bench) -> None:
    with pytest.raises(RefusedDeployment) as caught:
        deploy(bench, deciding("nothing"), FACTOR)
    assert [one.code for one in caught.value.findings if one.severity == "error"] == ["WF-406"]


def test_overlapping_rules_of_a_unique_table_are_an_error_at_the_second_rule() -> None:
    rules = table(["score"], [["[0..60]", "0"], [">= 60", "1"], ["< 0", "0"]])
    rules = rules.replace("<rule", "\n<rule")
    (found,) = findings(model(input_data("score"), decision("factor", rules, ["in-score"])))
    assert (found.code, found.severity, found.element) == ("WF-503", "error", "rule-2")
    assert found.line == 3
    assert "60" in found.message("zh")
    assert found.message("zh") != found.message("en")
    assert found.remedy("zh") != found.remedy("en")


def test_a_gap_is_a_warning_and_is_deployed(bench: Bench) -> None:
    rules = table(["score"], [["[0..60)", "0"], [">= 60", "1"]])
    content = model(input_data("score", "number"), decision("factor", rules, ["in-score"]))
    deployed = deploy(bench, deciding(), content)
    assert ("WF-504", "warning") in [(one.code, one.severity) for one in deployed.findings]
    assert deployed.bundle_number == 1


def test_a_rule_that_can_never_decide_is_a_warning() -> None:
    rules = table(["score"], [["-", "0"], [">= 60", "1"]], policy="FIRST")
    (found,) = findings(model(input_data("score"), decision("factor", rules, ["in-score"])))
    assert (found.code, found.severity, found.element) == ("WF-505", "warning", "rule-2")


def test_an_unknown_name_in_a_decision_is_an_error_with_its_place() -> None:
    logic = "\n" + text("score + bonus")
    (found,) = findings(model(input_data("score"), decision("sum", logic, ["in-score"])))
    assert (found.code, found.severity, found.element) == ("WF-502", "error", "sum")
    assert found.line == 2
    assert "bonus" in found.message("en")
    assert "bonus" in found.message("zh")


def test_a_text_that_is_no_feel_is_an_error_with_the_line_inside_the_text() -> None:
    logic = "\n" + text("1 +\n2 +")
    (found,) = findings(model(decision("sum", logic)))
    assert (found.code, found.severity, found.element) == ("WF-502", "error", "sum")
    assert found.line == 3


def test_functions_of_processes_are_known_in_decisions() -> None:
    logic = text("if manager of(who) = null then end of day(today()) else now()")
    assert findings(model(input_data("who"), decision("when", logic, ["in-who"]))) == []


def test_a_file_that_is_no_model_is_an_error_and_the_others_are_read() -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a "b">]>' + FACTOR.partition(b"?>")[2]
    found = findings(b"<definitions", entity, FACTOR, content=deciding())
    errors = [(one.path, one.severity) for one in found]
    assert ("processes/rules-0.dmn", "error") in errors
    assert ("processes/rules-1.dmn", "error") in errors
    assert {path for path, _ in errors} == {"processes/rules-0.dmn", "processes/rules-1.dmn"}


def test_one_id_for_two_decisions_is_an_error() -> None:
    found = findings(FACTOR, FACTOR)
    assert [(one.code, one.path, one.element) for one in found] == [
        ("WF-506", "processes/rules-1.dmn", "factor")
    ]
    assert "processes/rules-0.dmn" in found[0].message("en")


def test_a_decision_whose_input_nobody_gives_is_an_error_when_variables_are_declared() -> None:
    declared = {"variables": "employee"}
    (found,) = findings(FACTOR, content=deciding(properties=declared))
    assert (found.code, found.element) == ("WF-414", "decide")
    assert "score" in found.message("zh")
    inner = mapping({"score": "=1"})
    assert findings(FACTOR, content=deciding(inner=inner, properties=declared)) == []
    assert findings(FACTOR, content=deciding(properties={"variables": "score"})) == []


def test_a_business_rule_task_names_its_result() -> None:
    called = extensions('<zeebe:calledDecision decisionId="factor"/>')
    content = process(
        node("startEvent", "begun") + node("businessRuleTask", "decide", called) + rest("begun")
    )
    assert [one.code for one in findings(FACTOR, content=content)] == ["WF-407"]


# ----- limits

ENDLESS = "count(for a in 1..1000, b in 1..1000 return a)"


def test_an_expression_beyond_its_budget_is_a_broken_rule_in_both_languages(bench: Bench) -> None:
    bench.deploy(
        process(
            node("startEvent", "begun")
            + user_task("first")
            + node(
                "scriptTask",
                "decide",
                extensions(f'<zeebe:script expression="={ENDLESS}" resultVariable="n"/>'),
            )
            + rest("begun", "first")
        )
    )
    bench.start()
    with pytest.raises(RuleViolation) as caught:
        bench.complete("first")
    assert caught.value.code == "workflow.expression_failed"
    assert bench.tasks() == ["first"]
    chinese, english = word(caught.value, "zh"), word(caught.value, "en")
    assert chinese != english
    assert ENDLESS in chinese
    assert ENDLESS in english


def test_a_decision_beyond_its_budget_is_a_broken_rule(bench: Bench) -> None:
    deploy(bench, deciding("slow"), model(decision("slow", text(ENDLESS))))
    with pytest.raises(RuleViolation) as caught:
        bench.start()
    assert caught.value.code == "workflow.expression_failed"
    assert "slow" in word(caught.value, "zh")
    assert recorded(bench) == []


def test_an_expression_beyond_its_budget_behind_a_timer_is_an_incident(
    bench: Bench, clock: VirtualClock
) -> None:
    slept = node("intermediateCatchEvent", "slept", timer("P1D"))
    deploy(
        bench,
        process(node("startEvent", "begun") + slept + rule_task("slow") + rest("begun", "slept")),
        model(decision("slow", text(ENDLESS))),
    )
    bench.start()
    clock.advance(timedelta(days=2))
    assert run_due(bench.database, clock) == Round(fired=0, failed=1)
    assert bench.status() == "incident"
    with bench.database.reading() as session:
        (incident,) = queries.incidents(session)
    assert incident.code == "workflow.expression_failed"
    chinese, english = incident.detail.split("\n")
    assert "slow" in chinese
    assert "slow" in english
    assert chinese != english
