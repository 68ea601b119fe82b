"""The moves that everything else is made of: tokens appear, leave by flows, and are taken away."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from itertools import count
from typing import Any, Protocol

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element, Flow
from perfflow.workflow.engine.graph import SpecIndex, SUB_PROCESSES
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.rests import element_key
from perfflow.workflow.engine.tokens import Frame, frames_of, Kind, Token

MAX_TOKENS = 5_000


class Asked(Protocol):
    """Answers what a run of tokens asks: live, or as a run before it was answered."""

    @property
    def outside(self) -> Outside:
        """The variables and effects themselves."""

    def ask(self, name: str, *arguments: Any) -> Any:
        """Do one operation of :class:`Outside`, and answer what steers the tokens."""


class Net(ABC):
    """The tokens of one instance during one run.

    Tokens know nothing of variables. Whatever depends on them or has an effect goes through
    :attr:`ask` by the name of a method of :class:`Outside` with arguments that are the same for
    every instance, so that a run can be remembered and done again without its tokens.
    """

    def __init__(self, index: SpecIndex, main: str, asked: Asked) -> None:
        self.index, self.main = index, main
        self._asked, self.ask = asked, asked.ask
        self.path: list[str] = []
        self.root: Frame | None = None
        self.ready: deque[Token] = deque()
        self.numbers = count(1)
        self._alive = 0

    @property
    def outside(self) -> Outside:
        """The variables and effects themselves; a run that touches them is not remembered."""
        return self._asked.outside

    # -- what the classes above do ------------------------------------------------------------

    @abstractmethod
    def finish(self, token: Token) -> None:
        """The activity of a token is done."""

    @abstractmethod
    def frame_over(self, frame: Frame) -> None:
        """No token is left in a frame."""

    # -- tokens -------------------------------------------------------------------------------

    def put(self, frame: Frame, element: Element, **notes: Any) -> Token:
        """A new token on its way into an element."""
        self._alive += 1
        if self._alive > MAX_TOKENS:
            raise RuleViolation("workflow.endless", element=element.original_id)
        token = Token(element, frame, next(self.numbers), notes)
        frame.tokens.append(token)
        self.ready.append(token)
        return token

    def passed(self, token: Token, element: Element | None = None) -> None:
        """Note in the path of the run that an element was passed."""
        where = element or token.element
        self.path.append(element_key(token.scope, where.original_id))

    def remove(self, token: Token) -> None:
        """Take a token away with everything that it holds open."""
        if not token.is_alive:
            return
        token.is_alive = False
        self._alive -= 1
        token.frame.tokens.remove(token)
        for frame in token.frames:
            self.clear(frame)
        token.frames.clear()

    def clear(self, frame: Frame) -> None:
        """Take all tokens of a frame away."""
        for token in list(frame.tokens):
            self.remove(token)

    def consume(self, token: Token) -> None:
        """A token ends here; with the last one its frame is over."""
        frame = token.frame
        self.remove(token)
        if not frame.tokens:
            self.frame_over(frame)

    # -- flows --------------------------------------------------------------------------------

    def leave(self, token: Token) -> None:
        """Go on by the flows of an activity or event; without any the token ends here."""
        flows = token.graph.outgoing(token.element)
        taken = flows
        if any(flow.condition or flow.id == token.element.default_flow for flow in flows):
            taken = self.chosen(token, flows)
            if not taken:
                raise RuleViolation("workflow.no_flow_taken", element=token.element.original_id)
        self.take(token, taken)

    def chosen(self, token: Token, flows: list[Flow]) -> list[Flow]:
        """Every flow without a condition or with a true one; the default flow if there is none."""
        default = token.element.default_flow
        taken = [
            flow
            for flow in flows
            if flow.id != default
            and (not flow.condition or self.ask("holds", flow.condition, token.scope))
        ]
        return taken or [flow for flow in flows if flow.id == default]

    def take(self, token: Token, flows: list[Flow]) -> None:
        """Move the token along flows: one token for each."""
        for flow in flows:
            target = token.graph.element(flow.target)
            if target.kind.endswith("Gateway") and len(token.graph.incoming(target)) > 1:
                self.put(token.frame, target, via=token.graph.incoming(target).index(flow))
            else:
                self.put(token.frame, target)
        self.consume(token)

    # -- frames -------------------------------------------------------------------------------

    def open_frame(self, kind: Kind, holder: Token, scope: str) -> Frame:
        """A frame that a token holds open."""
        graph = holder.graph
        if kind == "call":
            graph = self.index.graphs[holder.element.called_process or ""]
        frame = Frame(kind, graph, scope, next(self.numbers), holder)
        holder.frames.append(frame)
        holder.is_resting = True
        return frame

    def open_scope(self, token: Token, start: Element | None = None) -> Frame:
        """Begin a sub-process or called process at its start events, or at the one given."""
        is_call = token.element.kind not in SUB_PROCESSES
        scope = self.free_scope(token.scope, token.element.id, is_call)
        self.ask("enter", token.element, token.scope, scope, is_call)
        frame = self.open_frame("call" if is_call else "sub", token, scope)
        for element in [start] if start is not None else self.none_starts(frame):
            self.put(frame, element)
        return frame

    def none_starts(self, frame: Frame) -> list[Element]:
        """Where tokens begin when nothing has triggered the frame."""
        starts = [start for start in frame.container.starts if start.event == "none"]
        if not starts:
            owner = frame.owner
            raise RuleViolation(
                "workflow.no_none_start",
                element=frame.graph.process.key if owner is None else owner.original_id,
            )
        return starts

    def close_scope(self, frame: Frame) -> None:
        """A sub-process or called process is over: its results go out."""
        holder = frame.holder
        if holder is None:
            return
        self.ask("leave", holder.element, holder.scope, frame.scope, frame.kind == "call")
        holder.frames.remove(frame)

    def free_scope(self, outer: str, element_id: str, is_call: bool = False) -> str:
        """A variable scope that no token is in."""
        taken, number = self.scopes(), 1
        while True:
            name = element_id if number == 1 else f"{element_id}#{number}"
            scope = element_key(outer, f"({name})" if is_call else name)
            if scope not in taken:
                return scope
            number += 1

    def scopes(self) -> frozenset[str]:
        """The variable scopes in which tokens are."""
        found = {""}
        if self.root is not None:
            for frame in frames_of(self.root):
                found.add(frame.scope)
                found.update(
                    element_key(frame.scope, token.notes["body"])
                    for token in frame.tokens
                    if "body" in token.notes
                )
        return frozenset(found)
