"""Rules about the grammar of a file: elements, attributes, their order and their values.

The drawing is left out: it decides nothing, and many tools write it a little wrong. So are the
spelling of ids and addresses: that references meet their targets, and that ids are unique, are
rules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perfflow.workflow.definitions.constraints.grammar import grammar, Kind, Sequence, SIMPLE
from perfflow.workflow.definitions.constraints.model import Model, XSI_TYPE
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import in_bpmn, local

BOOK = RuleBook()
DRAWING = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"
NUMBER = re.compile(r"\s*[+-]?\d{1,18}\s*", re.ASCII)
FLAGS = frozenset({"true", "false", "1", "0"})
OPEN = frozenset({"Implementation", "TransactionMethod"})  # or any address
Fault = tuple[str, Any, dict[str, str]]


def _rule(code: str) -> None:
    def find(model: Model) -> Broken:
        return ((node, params) for one, node, params in _faults(model) if one == code)

    BOOK.rule(code, "15.3")(find)


for _code in ("WF-603", "WF-604", "WF-605", "WF-606", "WF-607", "WF-608"):
    _rule(_code)


def _faults(model: Model) -> list[Fault]:
    """All faults of the file, worked out once."""
    known: list[Fault] | None = model.memory.get("grammar")
    if known is None:
        known = model.memory["grammar"] = list(_file(model.root))
    return known


def _file(root: Any) -> Iterator[Fault]:
    kinds = grammar().kinds
    pending = [(root, kinds["Definitions"])]
    if local(root) != "definitions":
        yield "WF-603", root, {"child": local(root), "owner": "…"}
        return
    while pending:
        node, kind = pending.pop()
        yield from _attributes(node, kind)
        nodes = [one for one in node if isinstance(one.tag, str) and one.tag != DRAWING]
        if not kind.has_text and any(
            (text or "").strip() for text in (node.text, *(one.tail for one in node))
        ):
            yield "WF-608", node, {"owner": local(node)}
        if kind.takes_anything:
            yield from _anything(node, nodes, kind)
            continue
        yield from _children(node, nodes, kind)
        for one in nodes:
            expected = kind.children.get(local(one)) if in_bpmn(one) else None
            if expected in SIMPLE:
                yield from _plain(one)
            elif expected is not None:
                said = _said(one, kinds[expected])
                pending.append((one, said))
                if expected not in said.bases:
                    got = {"name": "xsi:type", "got": said.name, "expected": expected}
                    yield "WF-607", one, got


def _anything(node: Any, nodes: list[Any], kind: Kind) -> Iterator[Fault]:
    """Any element of another name space, or one of any where text is meant to be marked up."""
    wrong = nodes[1:] if kind.has_text else [one for one in nodes if in_bpmn(one)]
    for one in wrong[:1]:
        yield "WF-603", one, {"child": local(one), "owner": local(node)}


def _plain(node: Any) -> Iterator[Fault]:
    """An element that holds a name and nothing else."""
    for one in node:
        yield "WF-603", node, {"child": local(one), "owner": local(node)}
    for name in node.attrib:
        if not name.startswith("{"):
            yield "WF-605", node, {"name": name, "owner": local(node)}


def _said(node: Any, expected: Kind) -> Kind:
    """The type that an element says it has, when it says one of ours."""
    said = (node.get(XSI_TYPE) or "").split(":")[-1]
    return grammar().kinds.get(said.removeprefix("t"), expected) if said else expected


def _attributes(node: Any, kind: Kind) -> Iterator[Fault]:
    words = grammar().words
    for name, text in node.attrib.items():
        if name.startswith("{"):
            continue  # attributes of other name spaces are welcome everywhere
        value = kind.attributes.get(name)
        if value is None:
            yield "WF-605", node, {"name": name, "owner": local(node)}
        elif value == "boolean" and text.strip() not in FLAGS:
            yield "WF-607", node, {"name": name, "got": text[:40], "expected": "true, false"}
        elif value in ("integer", "int") and not NUMBER.fullmatch(text):
            yield "WF-607", node, {"name": name, "got": text[:40], "expected": "0, 1, 2 …"}
        elif value in words and value not in OPEN and text not in words[value]:
            expected = ", ".join(sorted(words[value]))
            yield "WF-607", node, {"name": name, "got": text[:40], "expected": expected}
    for name in sorted(kind.required - set(node.keys())):
        yield "WF-606", node, {"name": name, "owner": local(node)}


def _children(node: Any, nodes: list[Any], kind: Kind) -> Iterator[Fault]:
    """The children in their order; the content of BPMN is such that the next name decides."""
    names = [local(one) if in_bpmn(one) else "" for one in nodes]
    at, missing = _match(kind.sequence, names, 0)
    for alternative in kind.choice:
        if at < len(names) and alternative and names[at] in alternative[0].names:
            at, more = _match(alternative, names, at)
            missing += more
            break
    else:
        if kind.choice and all(one[0].least for one in kind.choice):
            missing.append(kind.choice[0][0].name)
    for name in missing:
        yield "WF-604", node, {"child": name, "owner": local(node)}
    if at < len(names):
        yield "WF-603", nodes[at], {"child": local(nodes[at]), "owner": local(node)}


def _match(sequence: Sequence, names: list[str], at: int) -> tuple[int, list[str]]:
    """How far the names go, and what is missing between them."""
    missing = []
    for particle in sequence:
        count = 0
        while at < len(names) and names[at] in particle.names and count < particle.most:
            at, count = at + 1, count + 1
        if count < particle.least:
            missing.append(particle.name)
    return at, missing
