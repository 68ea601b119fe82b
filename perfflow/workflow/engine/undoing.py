"""Compensation and cancelled transactions: completed work is undone in reverse order."""

from __future__ import annotations

from typing import Any

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine.graph import SUB_PROCESSES
from perfflow.workflow.engine.loops import Looping
from perfflow.workflow.engine.tokens import Frame, Token

MAX_RECORDS = 1_000


class Undoing(Looping):
    """Remembers what can be undone, and runs its handlers one after another.

    A record is ``[number of the activity, records of what was completed inside it]``. The token
    that throws holds the frame of the handler that runs and the list of those still to come.
    """

    def record_done(self, token: Token, inside: list[Any]) -> None:
        """A completed activity is remembered when it can be undone."""
        graph, element = token.graph, token.element
        can_be_undone = graph.undoer(element) is not None or inside
        if element.kind in SUB_PROCESSES and _undoing_handler(token):
            can_be_undone = True
        if not can_be_undone or not token.frame.is_scope:
            return
        records = token.frame.notes.setdefault("done", [])
        if len(records) >= MAX_RECORDS:
            raise RuleViolation("workflow.endless", element=element.original_id)
        records.append([graph.numbers[element.id], inside])

    def throw_compensation(self, token: Token) -> None:
        """Undo what was completed where the token is, or the one activity that it names."""
        frame, only = token.frame, token.element.compensates
        pending = _taken(frame, only)
        owner = frame.owner
        if owner is not None and owner.is_event_sub_process and frame.holder is not None:
            outer = frame.holder.frame
            if outer.is_scope:
                pending += _taken(outer, only)
        self._undo(token, pending)

    def cancel_transaction(self, token: Token) -> None:
        """A cancel end event: all stops, what was done is undone, then the cancel event happens."""
        frame = token.frame
        while frame.owner is None or frame.owner.kind != "transaction":
            if frame.holder is None:
                raise RuleViolation("workflow.no_transaction", element=token.element.original_id)
            frame = frame.holder.frame
        element = token.element
        self.clear(frame)
        frame.notes["shut"] = 1
        thrower = self.put(frame, element, cancel=1)
        self.ready.remove(thrower)
        self._undo(thrower, _taken(frame, None))

    def _undo(self, token: Token, pending: list[Any]) -> None:
        token.is_resting = True
        token.notes["undo"] = pending
        self._undo_next(token)

    def undone(self, frame: Frame) -> None:
        """A handler is done; the next one begins."""
        token = frame.holder
        assert token is not None
        token.frames.remove(frame)
        self._undo_next(token)

    def _undo_next(self, token: Token) -> None:
        pending = token.notes["undo"]
        while pending:
            number, inside = pending.pop(0)
            element = token.graph.nodes[number]
            handler = token.graph.undoer(element)
            if handler is not None:
                self.put(self.open_frame("handler", token, token.scope), handler)
                return
            event = _compensation_start(token, element)
            if event is not None:
                self._run_undoing_handler(token, event, inside)
                return
            pending[:0] = reversed(inside)
        del token.notes["undo"]
        self._after_undoing(token)

    def _run_undoing_handler(
        self, token: Token, event: tuple[Element, Element], inside: list[Any]
    ) -> None:
        handler, start = event
        held = self.put(self.open_frame("handler", token, token.scope), handler)
        self.ready.remove(held)
        self.passed(held)
        frame = self.open_scope(held, start)
        if inside:
            frame.notes["done"] = inside

    def _after_undoing(self, token: Token) -> None:
        if "cancel" not in token.notes:
            self.leave(token)
            return
        host = token.frame.holder
        assert host is not None
        for event in host.graph.boundaries(host.element):
            if event.event == "cancel":
                self.fire_boundary(host, event)
                return
        raise RuleViolation("workflow.no_transaction", element=token.element.original_id)


def _taken(frame: Frame, only: str | None) -> list[Any]:
    """Take records out of a frame, the latest first."""
    records = frame.notes.get("done", [])
    picked = [r for r in records if only is None or frame.graph.nodes[r[0]].id == only]
    left = [r for r in records if r not in picked]
    if left:
        frame.notes["done"] = left
    else:
        frame.notes.pop("done", None)
    return picked[::-1]


def _undoing_handler(token: Token) -> tuple[Element, Element] | None:
    return _compensation_start(token, token.element)


def _compensation_start(token: Token, element: Element) -> tuple[Element, Element] | None:
    """The event sub-process inside ``element`` that undoes it."""
    container = token.graph.containers.get(element.id)
    for handler, start in [] if container is None else container.handlers:
        if start.event == "compensate":
            return handler, start
    return None
