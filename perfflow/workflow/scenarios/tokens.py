"""Traces: rewrites a process whose scripts are tokens, and writes down what the tokens do.

Only the runner knows these tokens. A deployed process cannot use them: there a script that is no
FEEL is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.tags import bpmn, ZEEBE, zeebe
from perfflow.workflow.definitions.xml_gate import read_xml
from perfflow.workflow.registry import ProcessError, ServiceContext, ServiceTask

TOKEN = "scenarios.token"
SCRIPT = re.compile(r"SCRIPT_\w+")
WORDS = frozenset(
    {
        "CREATE_LOG_FILE", "CREATE_MARKER_FILE", "INCREMENT_INTEGER_VARIABLE",
        "INCREMENT_INTEGER_VARIABLE_AND_LOG", "SET_STRING_DATA", "LOG_DATA", "THROW_ERROR",
    }
)  # fmt: skip
CONDITIONS = ("conditionExpression", "condition", "loopCondition", "completionCondition",
              "activationCondition", "loopCardinality")  # fmt: skip
TEXT = "String"
MARKER, INCREMENT, DATA = "MARKER_exists", "INCREMENT_correct", "DATA_correct"
ANY_ERROR = "ERROR"
_CONTAINS = re.compile(r"\b([A-Za-z_]\w*)\.contains\(\s*(\"[^\"]*\"|'[^']*')\s*\)")
_OPERATORS = (("&&", " and "), ("||", " or "), ("==", "="))
_NOT = re.compile(r"!(?!=)\s*(contains\([^()]*\)|[\w.]+)")


@dataclass
class Tape:
    """What the tokens of one run wrote down, in order."""

    error_code: str | None = None  # of the one error that the file defines
    written: list[str] = field(default_factory=list)
    has_marker: bool = False

    def find(self, name: str) -> ServiceTask | None:
        """The service that runs tokens, under its name."""
        if name != TOKEN:
            return None
        return ServiceTask(TOKEN, self._run, ("token", "integerVariable", "data"), ())

    def _run(self, ctx: ServiceContext, token: str, **variables: Any) -> dict[str, Any]:
        match token:
            case "CREATE_MARKER_FILE":
                self.has_marker = True
            case "INCREMENT_INTEGER_VARIABLE" | "INCREMENT_INTEGER_VARIABLE_AND_LOG":
                if token.endswith("LOG"):
                    self.written.append(INCREMENT)
                return {"integerVariable": (variables["integerVariable"] or 0) + 1}
            case "SET_STRING_DATA":
                return {"data": TEXT}
            case "LOG_DATA":
                data = variables["data"]
                self.written.append(DATA if data == TEXT else f"DATA_{data}")
            case "THROW_ERROR":
                raise ProcessError(self.error_code or "")
            case _ if SCRIPT.fullmatch(token):
                self.written.append(token)
        return {}

    def differs_from(self, expected: Sequence[str]) -> list[str] | None:
        """The sorted trace where it is another one than expected, else None."""
        got = [*self.written, *([MARKER] if self.has_marker else [])]
        if ANY_ERROR in expected:
            got = [ANY_ERROR if one.startswith(f"{ANY_ERROR}_") else one for one in got]
        if DATA not in expected:
            # Reading what is right is expected only where the trace says so.
            got = [one for one in got if one != DATA]
        return None if sorted(got) == sorted(expected) else sorted(got)


def with_tokens(content: bytes) -> tuple[bytes, Tape]:
    """The file with its tokens as services and its conditions as FEEL, and a tape for them."""
    root = read_xml(content, Findings(""))
    if root is None:
        return content, Tape()
    codes = [error.get("errorCode") or error.get("name") for error in root.iter(bpmn("error"))]
    tape = Tape(codes[0] if len(codes) == 1 else None)
    for script in list(root.iter(bpmn("script"))):
        token = (script.text or "").strip()
        is_known = token in WORDS or SCRIPT.fullmatch(token)
        if is_known and not (token == "THROW_ERROR" and tape.error_code is None):
            call_service(script.getparent(), TOKEN, {"token": token})
    for name in CONDITIONS:
        for node in root.iter(bpmn(name)):
            if node.text and node.text.strip():
                node.text = in_feel(node.text.strip())
    return etree.tostring(root), tape


def in_feel(condition: str) -> str:
    """``test.contains("a") && n == 1`` as FEEL; what is FEEL already stays."""
    if condition.startswith("="):
        return condition
    text = re.sub(r"^[$#]\{(.*)\}$", r"\1", condition, flags=re.DOTALL).strip()
    text = _CONTAINS.sub(lambda found: f'contains({found[1]},"{found[2][1:-1]}")', text)
    for java, feel in _OPERATORS:
        text = text.replace(java, feel)
    return _NOT.sub(r"not(\1)", text)


def call_service(node: Any, name: str, inputs: dict[str, str]) -> None:
    """Make a task call a service instead of running its script."""
    for script in node.findall(bpmn("script")):
        node.remove(script)
    holder = node.find(bpmn("extensionElements"))
    if holder is None:
        holder = etree.Element(bpmn("extensionElements"), nsmap={"zeebe": ZEEBE})
        documented = len(node.findall(bpmn("documentation")))
        node.insert(documented, holder)
    etree.SubElement(holder, zeebe("taskDefinition")).set("type", name)
    mapping = holder.find(zeebe("ioMapping"))
    if mapping is None:
        mapping = etree.SubElement(holder, zeebe("ioMapping"))
    for target, source in inputs.items():
        item = etree.SubElement(mapping, zeebe("input"))
        item.set("source", source)
        item.set("target", target)
