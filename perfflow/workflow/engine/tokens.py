"""Tokens and the frames that they are in: the whole state of a running instance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine.graph import Container, Graph

Kind = Literal["process", "sub", "call", "instance", "handler"]


@dataclass(eq=False, slots=True)
class Token:
    """A token at a node: on its way, or at rest until something happens.

    ``notes`` is what must be remembered about it, in JSON values: the flow by which it came to
    a join (``via``), events at its border that are spent (``spent``) or whose condition holds
    (``met``), the counts of its loop (``loop``, ``body``) and what is still to be undone
    (``undo``).
    """

    element: Element
    frame: Frame
    number: int  # identity within one run
    notes: dict[str, Any] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    is_alive: bool = True
    is_resting: bool = False

    @property
    def scope(self) -> str:
        """The variable scope that its expressions read."""
        return self.frame.scope

    @property
    def graph(self) -> Graph:
        return self.frame.graph


@dataclass(eq=False, slots=True)
class Frame:
    """A place where tokens are together: a process, a sub-process, one instance of a loop.

    ``notes`` remembers completed activities that can be undone (``done``), that an event
    sub-process has interrupted it (``shut``), and its event sub-processes that are ``spent``.
    """

    kind: Kind
    graph: Graph
    scope: str
    number: int
    holder: Token | None = None
    tokens: list[Token] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def is_scope(self) -> bool:
        """Whether nodes live in it; instances and handlers hold one activity only."""
        return self.kind in ("process", "sub", "call")

    @property
    def owner(self) -> Element | None:
        """The sub-process whose nodes these are; None for those of a process."""
        return self.holder.element if self.kind == "sub" and self.holder is not None else None

    @property
    def container(self) -> Container:
        owner = self.owner
        return self.graph.containers[None if owner is None else owner.id]


def frames_of(root: Frame) -> Iterator[Frame]:
    """All open frames, each after the one that holds it."""
    pending = [root]
    while pending:
        frame = pending.pop()
        yield frame
        pending.extend(
            inner for token in reversed(frame.tokens) for inner in reversed(token.frames)
        )
