"""Tokens put elsewhere by hand: from one step to another, and from one version to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.dialect import PART
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine import codec
from perfflow.workflow.engine.graph import Graph, SpecIndex
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.rests import Changes, Waiting
from perfflow.workflow.engine.run import TokenEngine
from perfflow.workflow.engine.tokens import Frame, Token

RESTING = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})
"""Where a token can be put without anything being done."""
NO_TARGET = frozenset({"startEvent", "boundaryEvent"})
MOVABLE = frozenset({"task", "catch", "choice"})
WAITS_FOR_OTHERS = frozenset({"parallelGateway", "inclusiveGateway"})


def can_receive(graph: Graph, element: Element) -> bool:
    """Whether a token may be put at an element.

    Not at starts and boundary events, not at what begins by an event or undoes something, and not
    at a gateway that joins: it would wait for others.
    """
    if element.kind in NO_TARGET or element.is_event_sub_process or element.is_for_compensation:
        return False
    if element.event == "link" and element.kind == "intermediateCatchEvent":
        return False
    return not (element.kind in WAITS_FOR_OTHERS and len(graph.incoming(element)) > 1)


def relocate(engine: TokenEngine, key: str, slot: int, kind: str, target: str) -> None:
    """Take the token that rests at ``key`` out of its step and let it go on at ``target``.

    Both are in the same process or sub-process. What the step had open (boundary events) goes
    with it; what follows ``target`` by itself is done.
    """
    rest = engine.rest(key, slot, (kind,))
    if rest is None or rest.token is None or rest.how not in MOVABLE:
        raise RuleViolation("workflow.no_token", element=key)
    token, frame = rest.token, rest.frame
    element = frame.graph.process.elements.get(target)
    fits = (
        element is not None
        and frame.is_scope
        and element.parent_id == token.element.parent_id
        and can_receive(frame.graph, element)
    )
    if element is None or not fits:
        raise RuleViolation("workflow.no_such_target", element=target)
    engine.passed(token)
    engine.remove(token)
    engine.put(frame, element)
    engine.run()


@dataclass(frozen=True, slots=True)
class Lost:
    """A token that the new version has no place for; ``element`` is the one that it is at."""

    element: str
    reason: str  # gone, other_kind, join, undo, no_rest


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the tokens of a state stand in another version; ``lost`` ones stop it."""

    state: str = ""
    blob: bytes = b""
    changes: Changes = field(default_factory=Changes)
    kept: tuple[tuple[Waiting, Waiting], ...] = ()
    scopes: frozenset[str] = frozenset()
    lost: tuple[Lost, ...] = ()


class _NoOutside:
    """Carrying tokens over asks nothing and does nothing."""

    @property
    def outside(self) -> Outside:
        raise AssertionError("expected a migration to do nothing")

    def ask(self, name: str, *arguments: Any) -> Any:
        raise AssertionError(f"expected a migration to ask nothing but got {name}{arguments}")


def carry(
    blob: bytes, old: SpecIndex, new: SpecIndex, main: str, mapping: Mapping[str, str]
) -> Carried:
    """The state in another version: worked out once for all instances that stand there.

    A token stays at its element when the new version has one of the same kind under that id;
    ``mapping`` sends those of an element to another one at which a token rests. Boundary events
    are armed and dropped as the new version draws them.
    """
    here = standing(blob, old, main)
    if here.root is None or main not in new.graphs:
        return Carried(lost=(Lost(main, "gone"),))
    carrier = _Carrier(new, mapping)
    root = carrier.frame(here.root, new.graphs[main], None)
    if carrier.lost:
        return Carried(lost=tuple(carrier.lost))
    codec.settle(root)
    carried = codec.encode(root, new)
    there = standing(carried, new, main)
    before, after = tuple(here.waiting().values()), tuple(there.waiting().values())
    kept, changes = paired(before, after, mapping)
    return Carried(codec.state_hash(carried), carried, changes, kept, there.scopes())


def standing(blob: bytes, index: SpecIndex, main: str) -> TokenEngine:
    """The tokens of a stored state, to be looked at: nothing can be asked or done."""
    engine = TokenEngine(index, main, _NoOutside())
    engine.load(blob)
    return engine


def back(blob: bytes, index: SpecIndex, main: str, now: tuple[Waiting, ...]) -> Carried:
    """A state that was stored earlier, told against what the instance waits for now."""
    there = standing(blob, index, main)
    kept, changes = paired(now, tuple(there.waiting().values()))
    return Carried(codec.state_hash(blob), blob, changes, kept, there.scopes())


def paired(
    before: tuple[Waiting, ...],
    after: tuple[Waiting, ...],
    mapping: Mapping[str, str] | None = None,
) -> tuple[tuple[tuple[Waiting, Waiting], ...], Changes]:
    """Waiting points that stay what they are, and those that end and open."""
    left = {(wait.kind, wait.key, wait.slot): wait for wait in after}
    kept: list[tuple[Waiting, Waiting]] = []
    ended: list[Waiting] = []
    for wait in before:
        now = left.get((wait.kind, wait.key, wait.slot))
        if now is None or wait.element.id in (mapping or ()) or not _hears_the_same(wait, now):
            ended.append(wait)
            continue
        kept.append((wait, left.pop((wait.kind, wait.key, wait.slot))))
    return tuple(kept), Changes(ended=ended, opened=list(left.values()))


def _hears_the_same(old: Waiting, new: Waiting) -> bool:
    """A subscription whose name or key is told differently is another one."""
    if old.kind not in ("message", "signal"):
        return True
    first, second = old.element, new.element
    return (first.message, first.correlation) == (second.message, second.correlation)


class _Carrier:
    """Builds the same frames and tokens on the graphs of another version."""

    def __init__(self, new: SpecIndex, mapping: Mapping[str, str]) -> None:
        self.new, self.mapping = new, mapping
        self.lost: list[Lost] = []
        self._numbers = count(1)

    def frame(self, old: Frame, graph: Graph, holder: Token | None) -> Frame:
        """A frame with all that is in it."""
        frame = Frame(old.kind, graph, old.scope, next(self._numbers), holder)
        frame.notes = dict(old.notes)
        self._carry_spent(frame.notes, graph)
        if "done" in frame.notes:
            frame.notes["done"] = self._records(frame.notes["done"], old.graph, graph)
        frame.tokens = [self._token(token, frame) for token in old.tokens]
        return frame

    def _token(self, old: Token, frame: Frame) -> Token:
        graph, was = frame.graph, old.element
        target = self.mapping.get(was.id)
        if target is not None and not old.frames and old.is_resting:
            return self._sent(was, target, frame)
        element = graph.process.elements.get(was.id)
        if element is None or element.parent_id != was.parent_id:
            return self._gone(old, frame, "gone")
        if (element.kind, element.event) != (was.kind, was.event) or _loops(was) != _loops(element):
            return self._gone(old, frame, "other_kind")
        token = Token(element, frame, next(self._numbers), dict(old.notes), is_resting=True)
        self._carry_spent(token.notes, graph)
        if "via" in token.notes:
            self._carry_arrival(token, old)
        if "undo" in token.notes:
            token.notes["undo"] = self._records(token.notes["undo"], old.graph, graph)
        token.frames = [self._inner(inner, token) for inner in old.frames]
        return token

    def _gone(self, old: Token, frame: Frame, reason: str) -> Token:
        self.lost.append(Lost(old.element.id, reason))
        return Token(old.element, frame, next(self._numbers))

    def _sent(self, was: Element, target: str, frame: Frame) -> Token:
        element = frame.graph.process.elements.get(target)
        if element is None or element.kind not in RESTING or element.parent_id != was.parent_id:
            self.lost.append(Lost(target, "no_rest"))
            element = was
        elif element.loop is not None or frame.kind == "instance":
            self.lost.append(Lost(target, "no_rest"))
        return Token(element, frame, next(self._numbers), is_resting=True)

    def _inner(self, old: Frame, holder: Token) -> Frame:
        graph = holder.graph
        if old.kind == "call":
            called = self.new.graphs.get(holder.element.called_process or "")
            if called is None or called.process.key != old.graph.process.key:
                self.lost.append(Lost(holder.element.id, "gone"))
                called = old.graph
            graph = called
        return self.frame(old, graph, holder)

    def _carry_arrival(self, token: Token, old: Token) -> None:
        """Arrivals are counted by the flows that they came over: those must be the same."""
        before = [flow.source for flow in old.graph.incoming(old.element)]
        after = [flow.source for flow in token.graph.incoming(token.element)]
        if sorted(before) != sorted(after):
            self.lost.append(Lost(old.element.id, "join"))
            return
        nth = before[: old.notes["via"]].count(before[old.notes["via"]])
        same = [number for number, source in enumerate(after) if source == before[old.notes["via"]]]
        token.notes["via"] = same[nth]

    @staticmethod
    def _carry_spent(notes: dict[str, Any], graph: Graph) -> None:
        """Events that were used up stay so where the new version still has them."""
        nodes = graph.process.elements
        for name in ("spent", "met", "got"):
            if name in notes:
                left = [one for one in notes[name] if one.partition(PART)[0] in nodes]
                notes[name] = left
                if not left:
                    del notes[name]

    def _records(self, records: list[Any], old: Graph, new: Graph) -> list[Any]:
        """What can be undone, by the numbers of the new version."""
        found = []
        for number, inside in records:
            name = old.nodes[number].id
            if name not in new.numbers:
                self.lost.append(Lost(name, "undo"))
                continue
            found.append([new.numbers[name], self._records(inside, old, new)])
        return found


def _loops(element: Element) -> str | None:
    return None if element.loop is None else element.loop.kind
