"""Gateways: how tokens come together, and by which flows they part."""

from __future__ import annotations

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element, Flow
from perfflow.workflow.engine.raising import Raising
from perfflow.workflow.engine.tokens import Frame, frames_of, Token


class Joining(Raising):
    """Exclusive, parallel and inclusive gateways of the standard."""

    def pass_gateway(self, token: Token) -> None:
        """A token has come to a gateway."""
        kind = token.element.kind
        if kind == "exclusiveGateway":
            self.passed(token)
            self.take(token, [self._first_true(token)])
        elif kind == "parallelGateway":
            self._join_all(token)
        elif kind == "inclusiveGateway":
            if "via" in token.notes:
                token.is_resting = True  # decided when nothing moves: see settle_joins
            else:
                self._split_any(token)
        else:
            self.passed(token)
            token.notes.pop("via", None)
            token.is_resting = True  # an event-based gateway waits for its events

    def _first_true(self, token: Token) -> Flow:
        flows = token.graph.outgoing(token.element)
        default = token.element.default_flow
        for flow in flows:
            if flow.id == default:
                continue
            if not flow.condition or self.ask("holds", flow.condition, token.scope):
                return flow
        for flow in flows:
            if flow.id == default:
                return flow
        raise RuleViolation("workflow.no_flow_taken", element=token.element.original_id)

    def _join_all(self, token: Token) -> None:
        """A parallel gateway takes exactly one token from each flow that enters."""
        incoming = token.graph.incoming(token.element)
        if len(incoming) > 1:
            token.is_resting = True
            arrived = _arrived(token.frame, token.element)
            if len(arrived) < len(incoming):
                return
            self._merge(token, arrived)
        self.passed(token)
        self.take(token, token.graph.outgoing(token.element))

    def _merge(self, token: Token, arrived: dict[int, Token]) -> None:
        for other in arrived.values():
            if other is not token:
                self.remove(other)

    def _split_any(self, token: Token) -> None:
        flows = token.graph.outgoing(token.element)
        self.passed(token)
        taken = self.chosen(token, flows)
        if not taken:
            raise RuleViolation("workflow.no_flow_taken", element=token.element.original_id)
        self.take(token, taken)

    def settle_joins(self) -> bool:
        """Let one inclusive gateway go on that waits for nobody any more; False when none does.

        By the standard (BPMN 2.0, 13.4.3): no token elsewhere may reach an entrance that is still
        empty, unless it may also reach one that is not.
        """
        if self.root is None:
            return False
        for frame in list(frames_of(self.root)):
            for token in frame.tokens:
                if token.element.kind != "inclusiveGateway":
                    continue
                arrived = _arrived(frame, token.element)
                if not _still_comes(frame, token.element, arrived):
                    first = next(iter(arrived.values()))
                    self._merge(first, arrived)
                    self._split_any(first)
                    return True
        return False


def _arrived(frame: Frame, gateway: Element) -> dict[int, Token]:
    """The first waiting token by the flow that it came by."""
    first: dict[int, Token] = {}
    for token in frame.tokens:
        if token.element is gateway and "via" in token.notes and token.is_resting:
            first.setdefault(token.notes["via"], token)
    return first


def _still_comes(frame: Frame, gateway: Element, arrived: dict[int, Token]) -> bool:
    incoming = frame.graph.incoming(gateway)
    if len(arrived) == len(incoming):
        return False
    filled = [flow for number, flow in enumerate(incoming) if number in arrived]
    empty = [flow for number, flow in enumerate(incoming) if number not in arrived]
    graph = frame.graph
    ahead = graph.leading_to(empty, gateway) - graph.leading_to(filled, gateway)
    return any(token.element.id in ahead for token in frame.tokens)
