"""Rules about gateways: direction, ways in and out, and what an event gateway waits for."""

from __future__ import annotations

from typing import Any

from perfflow.workflow.definitions.constraints.model import GATEWAYS, Model
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import bpmn, local

BOOK = RuleBook()
AWAITED = frozenset({"message", "signal", "timer", "conditional"})


@BOOK.rule("WF-681", "8.3.9")
def gateways_keep_their_direction(model: Model) -> Broken:
    """A gateway that says how it is used is used like that."""
    for gateway in model.any_of(GATEWAYS):
        ways_in, ways_out = len(model.entering(gateway)), len(model.leaving(gateway))
        direction = gateway.get("gatewayDirection", "Unspecified")
        is_kept = {
            "Converging": ways_in > 1 and ways_out <= 1,
            "Diverging": ways_in <= 1 and ways_out > 1,
            "Mixed": ways_in > 1 and ways_out > 1,
        }.get(direction, True)
        if not is_kept:
            yield (
                gateway,
                {"direction": direction, "incoming": str(ways_in), "outgoing": str(ways_out)},
            )


@BOOK.rule("WF-682", "10.5")
def gateways_split_or_join(model: Model) -> Broken:
    """A gateway has several ways in or several ways out."""
    for gateway in model.any_of(GATEWAYS):
        if len(model.entering(gateway)) < 2 and len(model.leaving(gateway)) < 2:
            yield gateway, {}


@BOOK.rule("WF-683", "10.5.6")
def event_gateways_choose(model: Model) -> Broken:
    """An event-based gateway has at least two ways out."""
    return ((one, {}) for one in model.each("eventBasedGateway") if len(model.leaving(one)) < 2)


@BOOK.rule("WF-684", "10.5.6")
def event_gateways_wait_for_events(model: Model) -> Broken:
    """Behind an event-based gateway stand receive tasks or catching events."""
    for gateway, target in _awaited(model):
        is_event = local(target) == "intermediateCatchEvent"
        if local(target) != "receiveTask" and not (
            is_event and AWAITED.issuperset(model.triggers(target) or ["none"])
        ):
            yield gateway, {"target": target.get("id", "")}


@BOOK.rule("WF-685", "10.5.6")
def event_gateways_do_not_mix_receivers(model: Model) -> Broken:
    """Messages are awaited by events or by receive tasks, not by both at one gateway."""
    for gateway in model.each("eventBasedGateway"):
        targets = [target for one, target in _awaited(model) if one is gateway]
        has_task = any(local(one) == "receiveTask" for one in targets)
        if has_task and any("message" in model.triggers(one) for one in targets):
            yield gateway, {}


@BOOK.rule("WF-686", "10.5.6")
def awaited_tasks_have_no_boundary_events(model: Model) -> Broken:
    """A receive task behind an event-based gateway has no boundary events."""
    for _, target in _awaited(model):
        if local(target) == "receiveTask" and model.attached(target):
            yield target, {}


@BOOK.rule("WF-687", "10.5.6")
def awaited_events_have_one_way_in(model: Model) -> Broken:
    """Only the gateway leads to what it waits for."""
    for gateway, target in _awaited(model):
        if len(model.entering(target)) > 1:
            yield target, {"gateway": gateway.get("id", "")}


@BOOK.rule("WF-688", "10.5.6")
def starting_gateways_have_nothing_before_them(model: Model) -> Broken:
    """An event-based gateway that starts a process has no way in."""
    for gateway in model.each("eventBasedGateway"):
        if _instantiates(gateway) and model.entering(gateway):
            yield gateway, {}


@BOOK.rule("WF-689", "10.5.6")
def parallel_gateways_start_by_messages(model: Model) -> Broken:
    """A process that waits for all of several events to start waits for messages."""
    for gateway, target in _awaited(model):
        receives = local(target) == "receiveTask" or model.triggers(target) == ["message"]
        if gateway.get("eventGatewayType") == "Parallel" and not receives:
            yield gateway, {"target": target.get("id", "")}


@BOOK.rule("WF-690", "10.5.6")
def parallel_event_gateways_start(model: Model) -> Broken:
    """Only a gateway that starts a process may wait for all of its events."""
    for gateway in model.each("eventBasedGateway"):
        if gateway.get("eventGatewayType") == "Parallel" and not _instantiates(gateway):
            yield gateway, {}


@BOOK.rule("WF-691", "10.5.6")
def event_gateways_have_no_conditions(model: Model) -> Broken:
    """The event decides which way is taken."""
    for gateway in model.each("eventBasedGateway"):
        for flow in model.leaving(gateway):
            if flow.find(bpmn("conditionExpression")) is not None:
                yield flow, {"gateway": gateway.get("id", "")}


def _awaited(model: Model) -> list[tuple[Any, Any]]:
    pairs = [
        (gateway, model.named(flow.get("targetRef")))
        for gateway in model.each("eventBasedGateway")
        for flow in model.leaving(gateway)
    ]
    return [(gateway, target) for gateway, target in pairs if target is not None]


def _instantiates(gateway: Any) -> bool:
    return gateway.get("instantiate") in ("true", "1")
