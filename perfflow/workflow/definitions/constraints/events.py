"""Rules about events: which triggers they may have, and how they are connected."""

from __future__ import annotations

from typing import Any

from perfflow.workflow.definitions.constraints.model import (
    ACTIVITIES,
    CATCHING,
    FLOW_NODES,
    is_event_sub_process,
    is_for_compensation,
    Model,
    SCOPES,
    SUB_PROCESSES,
    THROWING,
)
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import bpmn, local

BOOK = RuleBook()
TOP_STARTS = frozenset({"message", "timer", "conditional", "signal"})
ASIDE_STARTS = TOP_STARTS | {"error", "escalation", "compensate"}
ENDS = frozenset({"message", "escalation", "error", "cancel", "compensate", "signal", "terminate"})
CAUGHT = frozenset({"message", "timer", "conditional", "link", "signal"})
THROWN = frozenset({"message", "escalation", "compensate", "link", "signal"})
AT_BORDER = TOP_STARTS | {"error", "escalation", "cancel", "compensate"}
ALWAYS_INTERRUPTING = frozenset({"error", "cancel", "compensate"})


def _outside(model: Model, name: str, allowed: frozenset[str]) -> Broken:
    for event in model.each(name):
        for trigger in model.triggers(event):
            if trigger not in allowed:
                yield event, {"got": trigger, "allowed": ", ".join(sorted(allowed))}


def _starts(model: Model, scope: Any) -> list[Any]:
    return list(model.members(scope, frozenset({"startEvent"})))


@BOOK.rule("WF-631", "10.4.2")
def a_start_event_has_nothing_before_it(model: Model) -> Broken:
    """No sequence flow leads to a start event."""
    return ((one, {}) for one in model.each("startEvent") if model.entering(one))


@BOOK.rule("WF-632", "10.4.2")
def a_start_event_leads_somewhere(model: Model) -> Broken:
    """A start event is the source of a sequence flow."""
    return ((one, {}) for one in model.each("startEvent") if not model.leaving(one))


@BOOK.rule("WF-633", "10.4.3")
def an_end_event_has_nothing_after_it(model: Model) -> Broken:
    """No sequence flow leaves an end event."""
    return ((one, {}) for one in model.each("endEvent") if model.leaving(one))


@BOOK.rule("WF-634", "10.4.3")
def an_end_event_is_reached(model: Model) -> Broken:
    """An end event is the target of a sequence flow."""
    return ((one, {}) for one in model.each("endEvent") if not model.entering(one))


@BOOK.rule("WF-635", "10.4.2")
def top_level_starts(model: Model) -> Broken:
    """What may start a process: nothing, a message, a timer, a condition or a signal."""
    for process in model.each("process"):
        for event in _starts(model, process):
            for trigger in model.triggers(event):
                if trigger not in TOP_STARTS:
                    yield event, {"got": trigger, "allowed": ", ".join(sorted(TOP_STARTS))}


@BOOK.rule("WF-636", "10.4.2")
def a_sub_process_starts_without_trigger(model: Model) -> Broken:
    """The flow that enters an embedded sub-process starts it, no event does."""
    for scope in model.any_of(SUB_PROCESSES):
        if not is_event_sub_process(scope):
            for event in _starts(model, scope):
                if model.definitions(event):
                    yield event, {"scope": scope.get("id", "")}


@BOOK.rule("WF-637", "10.2.5")
def an_event_sub_process_has_one_start(model: Model) -> Broken:
    """Exactly one start event opens an event sub-process."""
    for scope in model.any_of(SUB_PROCESSES):
        if is_event_sub_process(scope) and len(_starts(model, scope)) != 1:
            yield scope, {"got": str(len(_starts(model, scope)))}


@BOOK.rule("WF-638", "10.4.2")
def an_event_sub_process_has_a_trigger(model: Model) -> Broken:
    """The start of an event sub-process waits for a message, timer, error and the like."""
    for scope in model.any_of(SUB_PROCESSES):
        for event in _starts(model, scope) if is_event_sub_process(scope) else ():
            triggers = model.triggers(event)
            if not triggers or not ASIDE_STARTS.issuperset(triggers):
                got = ", ".join(triggers) or "none"
                yield event, {"got": got, "allowed": ", ".join(sorted(ASIDE_STARTS))}


@BOOK.rule("WF-639", "10.4.2")
def these_starts_always_interrupt(model: Model) -> Broken:
    """Error and compensation starts cannot leave what they interrupt running."""
    for event in model.each("startEvent"):
        kinds = {"error", "compensate"}.intersection(model.triggers(event))
        if kinds and event.get("isInterrupting") in ("false", "0"):
            yield event, {"got": ", ".join(sorted(kinds))}


@BOOK.rule("WF-640", "10.4.3")
def end_results(model: Model) -> Broken:
    """What an end event may throw."""
    return _outside(model, "endEvent", ENDS)


@BOOK.rule("WF-641", "10.4.4")
def caught_in_the_flow(model: Model) -> Broken:
    """What an event in the flow may wait for."""
    return _outside(model, "intermediateCatchEvent", CAUGHT)


@BOOK.rule("WF-642", "10.4.4")
def thrown_in_the_flow(model: Model) -> Broken:
    """What an event in the flow may throw."""
    return _outside(model, "intermediateThrowEvent", THROWN)


@BOOK.rule("WF-643", "10.4.4")
def caught_at_the_border(model: Model) -> Broken:
    """A boundary event has a trigger; some always interrupt the activity."""
    for event in model.each("boundaryEvent"):
        triggers = model.triggers(event)
        goes_on = event.get("cancelActivity") in ("false", "0")
        allowed = AT_BORDER - ALWAYS_INTERRUPTING if goes_on else AT_BORDER
        if not triggers:
            yield event, {"got": "none", "allowed": ", ".join(sorted(allowed))}
        for trigger in triggers:
            # Tools write compensation events with either value; it has no meaning there.
            if trigger not in allowed and trigger != "compensate":
                yield event, {"got": trigger, "allowed": ", ".join(sorted(allowed))}


@BOOK.rule("WF-644", "10.4.3")
def only_transactions_are_cancelled(model: Model) -> Broken:
    """A cancel end event stands inside a transaction, a cancel boundary event at one."""
    for event in model.each("endEvent"):
        if "cancel" in model.triggers(event) and not _is_transaction(model.scope(event)):
            yield event, {}
    for event in model.each("boundaryEvent"):
        host = model.named(event.get("attachedToRef"))
        if "cancel" in model.triggers(event) and not _is_transaction(host):
            yield event, {}


def _is_transaction(node: Any | None) -> bool:
    return node is not None and local(node) == "transaction"


@BOOK.rule("WF-645", "10.4.4")
def nothing_leads_to_the_border(model: Model) -> Broken:
    """No sequence flow leads to a boundary event."""
    return ((one, {}) for one in model.each("boundaryEvent") if model.entering(one))


@BOOK.rule("WF-646", "10.4.4")
def a_boundary_event_leads_somewhere(model: Model) -> Broken:
    """A boundary event is the source of a sequence flow, unless it is for compensation."""
    for event in model.each("boundaryEvent"):
        if not model.leaving(event) and "compensate" not in model.triggers(event):
            yield event, {}


@BOOK.rule("WF-647", "10.4.4")
def compensation_is_not_a_flow(model: Model) -> Broken:
    """A compensation boundary event has no sequence flow: an association names the handler."""
    for event in model.each("boundaryEvent"):
        if model.leaving(event) and "compensate" in model.triggers(event):
            yield event, {}


@BOOK.rule("WF-648", "10.6.1")
def compensation_has_a_handler(model: Model) -> Broken:
    """An association leads from a compensation boundary event to a compensation activity."""
    linked: dict[str, list[Any]] = {}
    for association in model.each("association"):
        source, target = association.get("sourceRef", ""), association.get("targetRef", "")
        linked.setdefault(source, []).append(model.named(target))
        linked.setdefault(target, []).append(model.named(source))
    for event in model.each("boundaryEvent"):
        if "compensate" in model.triggers(event):
            handlers = linked.get(event.get("id") or "", [])
            if not any(one is not None and is_for_compensation(one) for one in handlers):
                yield event, {}


@BOOK.rule("WF-649", "10.4.4")
def intermediate_events_are_connected(model: Model) -> Broken:
    """An event in the flow has a way in and a way out, except at the ends of a link."""
    for event in model.each("intermediateCatchEvent", "intermediateThrowEvent"):
        is_link = "link" in model.triggers(event)
        catches = local(event) == "intermediateCatchEvent"
        if not model.entering(event) and not (is_link and catches):
            yield event, {"end": "incoming"}
        # An implicit end behind a thrown event is a way out.
        needs_way_out = catches or (not is_link and _has_end(model, event))
        if not model.leaving(event) and needs_way_out:
            yield event, {"end": "outgoing"}


def _has_end(model: Model, node: Any) -> bool:
    scope = model.scope(node)
    return scope is not None and bool(list(model.members(scope, frozenset({"endEvent"}))))


@BOOK.rule("WF-650", "10.4.4")
def a_link_is_one_sided(model: Model) -> Broken:
    """A thrown link ends its way, a caught link begins one."""
    for event in model.each("intermediateThrowEvent"):
        if "link" in model.triggers(event) and model.leaving(event):
            yield event, {"end": "outgoing"}
    for event in model.each("intermediateCatchEvent"):
        if "link" in model.triggers(event) and model.entering(event):
            yield event, {"end": "incoming"}


@BOOK.rule("WF-651", "10.4.2")
def what_begins_is_a_start(model: Model) -> Broken:
    """Where there is a start event, nothing else begins by itself."""
    for scope in model.any_of(SCOPES):
        if local(scope) == "adHocSubProcess" or not _starts(model, scope):
            continue
        for node in model.members(scope, FLOW_NODES - {"startEvent", "boundaryEvent"}):
            if model.entering(node) or is_for_compensation(node) or is_event_sub_process(node):
                continue
            if "link" not in model.triggers(node) and not _begins(node):
                yield node, {"scope": scope.get("id", "")}


def _begins(node: Any) -> bool:
    """Instantiating receive tasks and event gateways start a process as start events do."""
    return node.get("instantiate") in ("true", "1")


@BOOK.rule("WF-652", "10.4.3")
def an_end_needs_a_start(model: Model) -> Broken:
    """Where there is an end event, there is a start event (or a receiver that starts)."""
    for scope in model.any_of(SCOPES):
        members = list(model.members(scope))
        if any(local(one) == "endEvent" for one in members) and not any(
            local(one) == "startEvent" or _begins(one) for one in members
        ):
            yield scope, {}


@BOOK.rule("WF-653", "10.4.4")
def boundary_hosts(model: Model) -> Broken:
    """A boundary event is attached to an activity of its own scope, not to an event sub-process."""
    for event in model.each("boundaryEvent"):
        host = model.named(event.get("attachedToRef"))
        if host is None:
            continue  # reported as an unresolved reference
        is_beside = model.scope(host) is model.scope(event)
        if not is_beside or local(host) not in ACTIVITIES or is_event_sub_process(host):
            yield event, {"host": host.get("id", "")}


@BOOK.rule("WF-654", "10.4.5")
def thrown_definitions_are_not_shared(model: Model) -> Broken:
    """The event definition inside a throwing event is not used by other events."""
    for event in model.any_of(CATCHING | THROWING):
        for reference in event.findall(bpmn("eventDefinitionRef")):
            target = model.named(reference.text)
            owner = None if target is None else target.getparent()
            if owner is not None and local(owner) in THROWING | CATCHING:
                yield event, {"ref": (reference.text or "").strip()}
