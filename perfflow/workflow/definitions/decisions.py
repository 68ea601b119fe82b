"""The decisions of a bundle: DMN files read together, checked, and found by their id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from perfflow.feel.decisions import DecisionModel, load_dmn
from perfflow.feel.decisions import Finding as ModelFinding
from perfflow.feel.decisions.model import DrgElement
from perfflow.feel.decisions.xml import tag
from perfflow.feel.errors import FeelError, FeelSyntaxError
from perfflow.feel.expression import compile_text
from perfflow.workflow.definitions.findings import Finding, Findings
from perfflow.workflow.definitions.xml_gate import read_xml
from perfflow.workflow.engine.expressions import FUNCTION_NAMES

FOLDER, SUFFIX = "processes/", ".dmn"
_UNARY = frozenset({"inputEntry", "inputValues", "outputValues", "allowedValues"})
_CODES = {
    "feel.table_overlap": "WF-503",
    "feel.table_gap": "WF-504",
    "feel.table_unreachable": "WF-505",
    "feel.table_no_output": "WF-505",
    "feel.table_too_large": "WF-505",
}


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A decision of a file; ``inputs`` are the names that it and what it requires read."""

    id: str
    name: str
    path: str
    model: DecisionModel
    inputs: tuple[str, ...]


def read_decisions(files: Mapping[str, bytes]) -> dict[str, Decision]:
    """Decision id → decision, of files that have passed the gate."""
    found: dict[str, Decision] = {}
    for path in decision_paths(files):
        found |= {one.id: one for one in _decisions_of(path, _load(path, files))}
    return found


def check_decisions(files: Mapping[str, bytes]) -> tuple[dict[str, Decision], list[Finding]]:
    """All decisions by id, and what is wrong with their files."""
    decisions: dict[str, Decision] = {}
    findings: list[Finding] = []
    for path in decision_paths(files):
        found = Findings(path)
        if read_xml(files[path], found, root_namespace=None) is not None:
            model = _checked(path, files, found)
            for one in _decisions_of(path, model) if model is not None else ():
                if one.id in decisions:
                    node = model.elements[one.id].xml if model is not None else None
                    found.error("WF-506", node, decision=one.id, other=decisions[one.id].path)
                decisions[one.id] = one
        findings.extend(found)
    return decisions, findings


def decision_paths(files: Mapping[str, bytes]) -> list[str]:
    """The paths of the decision files of a bundle, sorted."""
    return sorted(path for path in files if path.startswith(FOLDER) and path.endswith(SUFFIX))


def _load(path: str, files: Mapping[str, bytes]) -> DecisionModel:
    content = files[path]
    others: list[bytes] = []
    if b"import" in content:
        others = [files[other] for other in decision_paths(files) if other != path]
    return load_dmn(content, [other for other in others if _is_model(other)])


def _is_model(content: bytes) -> bool:
    """Broken neighbours have findings of their own; they cannot be imported."""
    try:
        load_dmn(content)
    except FeelError:
        return False
    return True


def _decisions_of(path: str, model: DecisionModel) -> list[Decision]:
    return [
        Decision(one.id, one.name, path, model, _inputs(model, one)) for one in model.decisions()
    ]


def _inputs(model: DecisionModel, element: DrgElement) -> tuple[str, ...]:
    """Names of the input data that a decision needs, directly or through others."""
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [(model, element)]
    while waiting:
        owner, one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if one.kind == "input":
            # An input of an import may also be given below the import's name.
            names.add(one.name if owner is model else model.import_name(owner) or one.name)
        else:
            waiting.extend(owner.requirements(one))
    return tuple(sorted(names))


# ----- findings


def _checked(path: str, files: Mapping[str, bytes], found: Findings) -> DecisionModel | None:
    try:
        model = _load(path, files)
        for one in model.check(FUNCTION_NAMES):
            report = found.error if one.severity == "error" else found.warning
            report(
                _CODES.get(one.code, "WF-502"),
                _place(model, one),
                sentence_zh=one.message_zh,
                sentence_en=one.message_en,
            )
    except FeelError as error:
        found.error("WF-501", None, sentence_zh=error.message_zh, sentence_en=error.message_en)
        return None
    except (ValueError, RecursionError, KeyError) as error:
        found.error("WF-501", None, reason=f"{type(error).__name__}: {error}"[:200])
        return None
    return model


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a finding points to, in the shape that :class:`Findings` reads."""

    original_id: str
    line: int


def _place(model: DecisionModel, finding: ModelFinding) -> _Place | None:
    """The text, rule or element that a finding is about."""
    element = next(
        (
            one
            for one in model.elements.values()
            if one.name == finding.decision and one.kind in ("decision", "knowledge")
        ),
        None,
    )
    if element is None:
        return None
    node: Any = element.xml
    offset = 0
    number = str(finding.params.get("rule") or finding.params.get("rules") or "").split(",")[-1]
    if number.strip().isdigit():
        rules = [one for one in element.xml.iter() if tag(one) == "rule"]
        if int(number) <= len(rules):
            node = rules[int(number) - 1]
    elif finding.code == "feel.unknown_variable":
        name = str(finding.params.get("name"))
        node = next((one for one in _texts(element.xml) if name in (one.text or "")), node)
    elif finding.line:
        wrong = next((one for one in _texts(element.xml) if _fails(model, one, finding)), None)
        if wrong is not None:
            node, offset = wrong, finding.line - 1
    return _Place(_nearest_id(node) or element.id, (node.sourceline or 0) + offset)


def _texts(node: Any) -> Iterator[Any]:
    return (one for one in node.iter() if tag(one) == "text")


def _fails(model: DecisionModel, text: Any, finding: ModelFinding) -> bool:
    kind: Literal["expression", "unary"] = (
        "unary" if tag(text.getparent()) in _UNARY else "expression"
    )
    try:
        # The model trims its texts; the place counts from the trimmed text.
        compile_text((text.text or "").strip(), kind, model.names, model.types.find)
    except FeelSyntaxError as error:
        return (error.code, error.line, error.column) == (
            finding.code,
            finding.line,
            finding.column,
        )
    return False


def _nearest_id(node: Any) -> str | None:
    while node is not None:
        if node.get("id"):
            return str(node.get("id"))
        node = node.getparent()
    return None
