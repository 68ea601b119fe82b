"""Where tokens rest: user tasks, timers and messages, and how a run changed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TYPE_CHECKING

from perfflow.workflow.definitions.elements import Element

if TYPE_CHECKING:
    from perfflow.workflow.engine.tokens import Frame, Token

EVENTS = frozenset({"timer", "message", "signal", "conditional"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A token at rest: at a user task, a timer or a message."""

    kind: str  # task, timer, message, signal
    scope: str
    element: Element
    slot: int

    @property
    def key(self) -> str:
        return element_key(self.scope, self.element.id)


@dataclass(frozen=True, slots=True)
class Rest:
    """Something that may happen to a token (``token``) or to a frame (``frame``)."""

    how: Literal["task", "catch", "choice", "boundary", "handler"]
    kind: str  # task, timer, message, signal, conditional
    element: Element  # the task or event, or one trigger of several
    event: Element  # the event as a whole
    frame: Frame
    token: Token | None = None
    owner: Element | None = None  # the event sub-process that would begin

    @property
    def holder(self) -> Token | Frame:
        """What remembers whether it has happened."""
        return self.frame if self.token is None else self.token

    @property
    def is_alive(self) -> bool:
        """Whether it can still happen."""
        if self.token is not None:
            return self.token.is_alive
        holder = self.frame.holder
        is_open = holder is None or (holder.is_alive and self.frame in holder.frames)
        return is_open and "shut" not in self.frame.notes


def element_key(scope: str, element_id: str) -> str:
    """Scope path and element id as one text."""
    return f"{scope}/{element_id}" if scope else element_id


def rests_of(frames: Iterator[Frame]) -> Iterator[Rest]:
    """All that may happen, in the order of the state."""
    for frame in frames:
        for token in frame.tokens:
            if token.is_resting:
                yield from _of_token(token)
        if not frame.is_scope or "shut" in frame.notes:
            continue
        for owner, start in frame.container.handlers:
            for part in _triggers(start, frame):
                yield Rest("handler", part.event, part, start, frame, None, owner)


def _of_token(token: Token) -> Iterator[Rest]:
    element, frame = token.element, token.frame
    # Who holds frames open is inside a loop, a sub-process or compensation.
    if not token.frames and "undo" not in token.notes:
        if element.kind == "userTask":
            yield Rest("task", "task", element, element, frame, token)
        elif element.kind == "eventBasedGateway":
            for event in token.graph.successors(element):
                for part in _triggers(event, token):
                    yield Rest("choice", part.event, part, event, frame, token)
        elif element.kind in ("intermediateCatchEvent", "receiveTask"):
            for part in _triggers(element, token):
                yield Rest("catch", part.event, part, element, frame, token)
    if frame.kind == "instance":
        return  # the border belongs to the whole loop
    for event in token.graph.boundaries(element):
        for part in _triggers(event, token):
            yield Rest("boundary", part.event, part, event, frame, token)


def _triggers(event: Element, holder: Token | Frame) -> Iterator[Element]:
    """What an event still waits for; triggers that came already are in the notes of its holder."""
    over = {*holder.notes.get("spent", ()), *holder.notes.get("got", ())}
    for part in event.parts or (event,):
        if part.event in EVENTS and part.id not in over:
            yield part


@dataclass
class Changes:
    """Waiting points before and after a run."""

    ended: list[Waiting] = field(default_factory=list)
    opened: list[Waiting] = field(default_factory=list)
    moved: list[tuple[Waiting, Waiting]] = field(default_factory=list)


def compare(before: Mapping[Any, Waiting], after: Mapping[Any, Waiting]) -> Changes:
    """What a run did to the waiting points."""
    changes = Changes()
    for identity, waiting in before.items():
        now = after.get(identity)
        if now is None:
            changes.ended.append(waiting)
        elif now != waiting:
            changes.moved.append((waiting, now))
    changes.opened = [waiting for identity, waiting in after.items() if identity not in before]
    return changes
