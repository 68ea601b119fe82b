"""Translates what other tools write in their own way into our dialect, with a report.

Camunda 7, Activiti, Flowable and jBPM: expressions, people, form keys, due dates, priorities,
collections of loops. What cannot be translated is an error that names the element.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.constraints.model import ACTIVITIES, EVENTS, GATEWAYS
from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.foreign_values import (
    declare_errors,
    translate_call,
    translate_parameters,
)
from perfflow.workflow.definitions.juel import (
    expression,
    has_foreign,
    translate,
    Untranslatable,
    WRAPPED,
)
from perfflow.workflow.definitions.tags import bpmn, extended, extension, in_bpmn, local

NAMESPACES = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://activiti.org/bpmn",
    "http://flowable.org/bpmn",
    "http://spiffworkflow.org/bpmn/schema/1.0/core",
)
JBPM = "http://www.jboss.org/drools"
PERSON = "person/"
EXPRESSIONS = (
    "conditionExpression", "condition", "loopCardinality", "completionCondition",
    "loopCondition", "timeDate", "timeDuration", "timeCycle",
)  # fmt: skip
# Where a name may be computed: the attribute of these elements.
COMPUTED = {"message": "name", "signal": "name", "callActivity": "calledElement"}
# Attribute there → extension element and attribute here.
ATTRIBUTES = {
    "assignee": ("assignmentDefinition", "assignee"),
    "formKey": ("formDefinition", "formId"),
    "dueDate": ("taskSchedule", "dueDate"),
    "followUpDate": ("taskSchedule", "followUpDate"),
    "priority": ("priorityDefinition", "priority"),
}
TRANSLATED_ATTRIBUTES = frozenset(
    {*ATTRIBUTES, "candidateGroups", "candidateUsers", "collection", "elementVariable"}
)
PROGRAMMED = re.compile(r"javascript|groovy|python|ruby|jruby|xpath|ecmascript", re.IGNORECASE)
RETURNED = re.compile(r"\s*return\b(.*?);?\s*", re.DOTALL)
ROLE = re.compile(r"(user|group)\(([^()]*)\)")
OWNERS = ACTIVITIES | EVENTS | GATEWAYS | {"sequenceFlow", "message", "signal"}
UNREADABLE = "=null"
# jBPM gives these as data of the task.
GIVEN = ("GroupId", "ActorId", "Priority")


def translate_foreign(root: Any, findings: Findings) -> None:
    """Rewrite ``root`` in place; every translation and every failure is in ``findings``."""
    is_jbpm = JBPM in root.nsmap.values()
    # Where none of these name spaces is declared nothing can be written in its way.
    used = tuple(one for one in NAMESPACES if one.encode() in etree.tostring(root))
    if used:
        declare_errors(root, findings)
    for node in list(root.iter(etree.Element)):
        if in_bpmn(node):
            translation = _Translation(node, is_jbpm, findings)
            translation.run()
            if used and local(node) in ACTIVITIES:
                translate_parameters(node, used, translation.text)
                if local(node) == "callActivity":
                    translate_call(node, used, translation.text)


class _Translation:
    """One element of the file."""

    def __init__(self, node: Any, is_jbpm: bool, findings: Findings) -> None:
        self.node, self.is_jbpm, self.findings = node, is_jbpm, findings

    def run(self) -> None:
        name = local(self.node)
        if name in EXPRESSIONS and (self.node.text or "").strip():
            self.node.text = self._expression(self.node.text.strip())
        elif name in COMPUTED and has_foreign(self.node.get(COMPUTED[name], "")):
            attribute = COMPUTED[name]
            self.node.set(attribute, self.text(self.node.get(attribute), attribute))
        elif name == "multiInstanceLoopCharacteristics":
            self._loop()
        elif name == "userTask":
            self._user_task()

    # -- expressions --------------------------------------------------------------------------

    def _expression(self, text: str) -> str:
        language = self.node.get("language", "")
        place = local(self.node)
        if PROGRAMMED.search(language):
            return self._refuse(place, text, language)
        returned = RETURNED.fullmatch(text)
        if returned is not None:
            try:
                return self._report(place, text, f"={expression(returned[1].strip())}")
            except Untranslatable as error:
                return self._refuse(place, text, str(error))
        return self.text(text, place)

    def text(self, text: str, place: str) -> str:
        """A text that may hold an expression, translated and reported."""
        if not has_foreign(text):
            return text
        try:
            return self._report(place, text, translate(text))
        except Untranslatable as error:
            return self._refuse(place, text, str(error))

    def _report(self, place: str, text: str, found: str) -> str:
        self.findings.note("WF-905", self._owner(), place=place, translated_from=text, to=found)
        return found

    def _refuse(self, place: str, text: str, reason: str) -> str:
        self.findings.error(
            "WF-906", self._owner(), place=place, text=text[:200], reason=reason[:80]
        )
        return UNREADABLE

    def _owner(self) -> Any:
        """The step or flow that the element belongs to: that is what people see and select."""
        node = self.node
        while node is not None and local(node) not in OWNERS:
            node = node.getparent()
        return self.node if node is None else node

    # -- loops --------------------------------------------------------------------------------

    def _loop(self) -> None:
        collection = self._foreign("collection")
        if collection is None or extension(self.node, "loopCharacteristics") is not None:
            return
        found = collection.strip()
        if has_foreign(found):
            found = self.text(found, "collection")
        elif not found.startswith("="):
            found = self._report("collection", found, f"={found}")
        characteristics = extended(self.node, "loopCharacteristics")
        characteristics.set("inputCollection", found)
        item = self._foreign("elementVariable")
        if item is not None:
            characteristics.set("inputElement", item)

    # -- people -------------------------------------------------------------------------------

    def _user_task(self) -> None:
        for name, (element, attribute) in ATTRIBUTES.items():
            text = self._foreign(name)
            if text:
                self._set(element, attribute, self.text(text, name))
        groups = _items(self._foreign("candidateGroups") or "")
        people = _items(self._foreign("candidateUsers") or "")
        for tag in ("potentialOwner", "humanPerformer", "performer"):
            for role in self.node.findall(bpmn(tag)):
                self._role(tag, "".join(role.itertext()).strip(), groups, people)
        self._given(groups, people)
        if groups or people:
            self._set("assignmentDefinition", "candidateGroups", self._candidates(groups, people))

    def _role(self, tag: str, text: str, groups: list[str], people: list[str]) -> None:
        """``user(a), group(b)``; a bare name is a group of owners, in jBPM a person."""
        if not text:
            return
        named = ROLE.findall(text)
        bare = _items(ROLE.sub("", text))
        users = [name.strip() for kind, name in named if kind == "user"]
        groups += [name.strip() for kind, name in named if kind == "group"]
        if tag != "potentialOwner":
            users += bare
        elif not self.is_jbpm:
            groups += bare
        else:
            users += bare
        is_owner = tag != "potentialOwner" or (self.is_jbpm and len(users) == 1 and not groups)
        if is_owner and len(users) == 1:
            self._set("assignmentDefinition", "assignee", self.text(users[0], tag))
        else:
            people += users

    def _given(self, groups: list[str], people: list[str]) -> None:
        names = {
            one.get("id"): one.get("name")
            for one in self.node.iter(bpmn("dataInput"))
            if one.get("name") in GIVEN
        }
        for association in self.node.findall(bpmn("dataInputAssociation")):
            name = names.get((association.findtext(bpmn("targetRef")) or "").strip())
            text = (association.findtext(f"{bpmn('assignment')}/{bpmn('from')}") or "").strip()
            if name is None or not text:
                continue
            if name == "GroupId":
                groups += _items(text)
            elif name == "Priority":
                self._set("priorityDefinition", "priority", self._report(name, text, text))
            elif len(_items(text)) == 1:
                self._set("assignmentDefinition", "assignee", self.text(text, name))
            else:
                people += _items(text)

    def _candidates(self, groups: list[str], people: list[str]) -> str:
        """Groups, and people as groups of one; FEEL as soon as one of them is computed."""
        named = ", ".join([*groups, *people])
        if not has_foreign(named):
            found = ",".join([*groups, *(PERSON + one for one in people)])
            return self._report("candidates", named, found) if people else found
        try:
            parts = [_value(one) for one in groups]
            parts += [
                f'for one in flatten([{_value(one)}]) return "{PERSON}" + string(one)'
                for one in people
            ]
        except Untranslatable as error:
            return self._refuse("candidates", named, str(error))
        if len(parts) == 1 and not people:
            return self._report("candidates", named, f"={parts[0]}")
        return self._report("candidates", named, f"=flatten([{', '.join(parts)}])")

    # -- the tree -----------------------------------------------------------------------------

    def _foreign(self, name: str) -> str | None:
        for namespace in NAMESPACES:
            text = self.node.get(f"{{{namespace}}}{name}")
            if text is not None:
                return str(text)
        return None

    def _set(self, element: str, attribute: str, text: str) -> None:
        """What our dialect says already is not overwritten."""
        target = extended(self.node, element)
        if target.get(attribute) is None:
            target.set(attribute, text)


def _items(text: str) -> list[str]:
    """Names between commas; a comma inside an expression separates nothing."""
    kept = WRAPPED.sub(lambda match: match[0].replace(",", "\0"), text)
    return [one.strip().replace("\0", ",") for one in kept.split(",") if one.strip()]


def _value(text: str) -> str:
    """A name as FEEL: a string, or what it computes."""
    if has_foreign(text):
        return translate(text).removeprefix("=")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
