"""What happens to a running activity: boundary events, event sub-processes, errors that climb."""

from __future__ import annotations

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine.graph import ACTIVITIES
from perfflow.workflow.engine.net import Net
from perfflow.workflow.engine.rests import element_key
from perfflow.workflow.engine.tokens import Frame, Token


class Raising(Net):
    """Interrupts, and looks for who catches an error or escalation, from inside out."""

    def fire_boundary(self, host: Token, event: Element) -> Token:
        """A boundary event happens; an interrupting one ends its activity."""
        token = self.put(host.frame, event)
        if event.is_interrupting:
            self.remove(host)
        return token

    def fire_handler(self, frame: Frame, handler: Element, start: Element) -> Token:
        """An event sub-process begins; an interrupting one ends all else in its frame."""
        if start.is_interrupting:
            self.clear(frame)
            frame.notes["shut"] = 1
        token = self.put(frame, handler)
        self.ready.remove(token)
        self.passed(token)
        self.open_scope(token, start)
        return token

    def raise_event(self, token: Token, kind: str, code: str | None) -> None:
        """An error or escalation begins at ``token`` and climbs until it is caught.

        An error that nobody catches undoes the step; an escalation without catcher is passed by.
        """
        if token.element.kind in ACTIVITIES and self._border_catches(token, kind, code):
            return
        frame: Frame | None = token.frame
        while frame is not None:
            if self._handler_catches(frame, kind, code):
                return
            if frame.holder is None:
                break
            if self._border_catches(frame.holder, kind, code):
                return
            frame = frame.holder.frame
        if kind == "error":
            violation = RuleViolation(
                "workflow.unhandled_error", element=token.element.original_id, error=code or ""
            )
            violation.failed_at = element_key(token.scope, token.element.id)
            raise violation

    def _border_catches(self, host: Token, kind: str, code: str | None) -> bool:
        if host.frame.kind == "instance":
            return False  # the border is that of the whole loop
        event = best_catcher(host.graph.boundaries(host.element), kind, code)
        if event is not None:
            self.fire_boundary(host, event)
        return event is not None

    def _handler_catches(self, frame: Frame, kind: str, code: str | None) -> bool:
        if not frame.is_scope or "shut" in frame.notes:
            return False
        starts = {start.id: handler for handler, start in frame.container.handlers}
        start = best_catcher([start for _, start in frame.container.handlers], kind, code)
        if start is not None:
            self.fire_handler(frame, starts[start.id], start)
        return start is not None


def best_catcher(events: list[Element], kind: str, code: str | None) -> Element | None:
    """The event for that code, else one for any code."""
    matching = [
        (part.code is None, number, event)
        for number, event in enumerate(events)
        for part in event.parts or (event,)
        if part.event == kind and part.code in (code, None)
    ]
    return min(matching, default=(True, 0, None), key=lambda found: found[:2])[2]
