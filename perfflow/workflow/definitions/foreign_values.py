"""Translates how Camunda 7, Activiti and Flowable move values: calls, input parameters, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.tags import bpmn, extended, extension, local, zeebe

Translate = Callable[[str, str], str]


def translate_call(node: Any, namespaces: tuple[str, ...], text: Translate) -> None:
    """There a called process gets what is named; ours would get everything."""
    if extension(node, "calledElement") is not None:
        return
    ways_in = list(_foreign(node, namespaces, "in"))
    ways_out = list(_foreign(node, namespaces, "out"))
    inherits = any(node.get(f"{{{one}}}inheritVariables") == "true" for one in namespaces)
    called = extended(node, "calledElement")
    called.set("processId", node.get("calledElement", ""))
    for name, ways, all_of_them in (
        ("propagateAllParentVariables", ways_in, inherits),
        ("propagateAllChildVariables", ways_out, False),
    ):
        everything = all_of_them or any(one.get("variables") == "all" for one in ways)
        called.set(name, "true" if everything else "false")
    for tag, ways in (("input", ways_in), ("output", ways_out)):
        for way in ways:
            source = way.get("sourceExpression")
            found = text(source, tag) if source else f"={way.get('source')}"
            if way.get("target") and (source or way.get("source")):
                _map(node, tag, found, way.get("target"))
            way.getparent().remove(way)


def translate_parameters(node: Any, namespaces: tuple[str, ...], text: Translate) -> None:
    """Input parameters are inputs; what is not a plain text stays and is refused."""
    for holder in list(_foreign(node, namespaces, "inputOutput")):
        for parameter in list(holder):
            if local(parameter) == "inputParameter" and len(parameter) == 0:
                found = text((parameter.text or "").strip(), parameter.get("name", "input"))
                _map(node, "input", found, parameter.get("name", ""))
                holder.remove(parameter)
        if len(holder) == 0:
            holder.getparent().remove(holder)


def declare_errors(root: Any, findings: Findings) -> None:
    """There an error that is not declared is its own code."""
    known = {one.get("id") for one in root.iter(bpmn("error"))}
    for definition in list(root.iter(bpmn("errorEventDefinition"))):
        code = definition.get("errorRef")
        if code and ":" not in code and code not in known:
            known.add(code)
            error = etree.Element(bpmn("error"), id=code, errorCode=code)
            root.insert(0, error)
            event = definition.getparent()
            findings.note(
                "WF-905", event, place="errorRef", translated_from=code, to=f"errorCode {code}"
            )


def _foreign(node: Any, namespaces: tuple[str, ...], name: str) -> Iterator[Any]:
    holder = node.find(bpmn("extensionElements"))
    for namespace in namespaces if holder is not None else ():
        yield from holder.findall(f"{{{namespace}}}{name}")


def _map(node: Any, tag: str, source: str, target: str) -> None:
    row = etree.SubElement(extended(node, "ioMapping"), zeebe(tag))
    row.set("source", source)
    row.set("target", target)
