"""How a twin is judged: the valid one breaks no rule, the broken one exactly the rule meant."""

from __future__ import annotations

from perfflow.workflow.definitions.constraints import check_standard
from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.xml_gate import read_xml
from tests.workflow.building import document, flow, line, node, process

START = node("startEvent", "begun")
END = node("endEvent", "done")
Twins = dict[str, tuple[bytes, bytes]]


def broken_rules(content: bytes) -> set[str]:
    """The codes of the rules that a file breaks."""
    findings = Findings("trial.bpmn")
    root = read_xml(content, findings)
    assert root is not None, list(findings)
    check_standard(root, findings)
    for finding in findings:
        assert finding.element
        assert finding.message("zh") != finding.message("en")
    return {finding.code for finding in findings}


def assert_twins(code: str, valid: bytes, broken: bytes) -> None:
    """The rule finds the broken twin and nothing is said against the valid one."""
    assert broken_rules(valid) == set()
    assert code in broken_rules(broken)


def around(inner: str, *, before: str = "begun", after: str = "done") -> bytes:
    """A process with a step ``work`` between start and end."""
    return process(START + inner + END + line(before, "work", after))


def among(roots: str, body: str) -> bytes:
    """A process with messages, signals and the like beside it."""
    return document(roots + f'<bpmn:process id="trial" isExecutable="true">{body}</bpmn:process>')


def task(identifier: str = "work", inner: str = "", **attributes: str) -> str:
    """A plain task."""
    return node("task", identifier, inner, **attributes)


def definition(kind: str, inner: str = "", **attributes: str) -> str:
    """An event definition."""
    rest = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<bpmn:{kind}EventDefinition{rest}>{inner}</bpmn:{kind}EventDefinition>"


def aside(start: str, inner: str = "", **attributes: str) -> str:
    """An event sub-process with the start event ``heard``."""
    return node(
        "subProcess",
        "aside",
        start + inner + node("endEvent", "said") + line("heard", "said"),
        triggeredByEvent="true",
        **attributes,
    )


def simple(inner: str) -> str:
    """Start, a step ``work`` and an end."""
    return START + inner + END + line("begun", "work", "done")


def choosing(kind: str, *targets: str, **attributes: str) -> str:
    """A gateway ``work`` that leads to the targets, each of which leads to the end."""
    return (
        START
        + node(kind, "work", "", **attributes)
        + END
        + flow("begun", "work")
        + "".join(flow("work", one) + flow(one, "done") for one in targets)
    )
