"""Remembered transitions: what an operation does to a token state is worked out once.

The tokens of all instances that stand at the same state are the same. What one of them does on an
operation depends only on the answers that it gets from :class:`Outside`, so the run of a token
engine is kept as a path in a tree: a question at each node, a branch for each answer, the next
state at the leaf. Later operations follow the tree; each question is still asked, and each effect
still done, on the live variables of the instance, in the order in which the tokens would do it.
An answer that was never given before is a miss: the token engine runs, takes the answers that
have been given already instead of asking again, goes on live, and its run becomes a new branch.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple

from perfflow.workflow.engine import codec
from perfflow.workflow.engine.graph import SpecIndex
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.relocation import Carried, relocate
from perfflow.workflow.engine.rests import Changes, compare, Waiting
from perfflow.workflow.engine.run import TokenEngine

MOST_TRANSITIONS = 8_192  # of one process version; the longest unused goes first
MOST_LEAVES = 256  # of one transition; further branches are not kept
MOST_VERSIONS = 64
COUNT_LIMIT = 50


class Operation(NamedTuple):
    """What happens to an instance; equal for all instances that stand at the same state."""

    name: str  # start, complete, fire, cancel, relocate
    key: str = ""  # scope path and element id
    slot: int = 0
    kinds: tuple[str, ...] = ()
    rearm: bool = False
    target: str = ""  # element to which a token is put

    def apply(self, engine: TokenEngine) -> bool:
        """Let the tokens do it; False when nothing waits there any more."""
        if self.name == "complete":
            scope, _, element_id = self.key.rpartition("/")
            engine.complete_user_task(scope, element_id, self.slot)
        elif self.name == "fire":
            return engine.fire(self.key, self.slot, self.kinds, self.rearm)
        elif self.name == "relocate":
            relocate(engine, self.key, self.slot, self.kinds[0], self.target)
        elif self.name == "cancel":
            engine.cancel()
        else:
            engine.start(self.key)
        return True


START = Operation("start")
CANCEL = Operation("cancel")


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where an operation leads: all that must be written about the tokens."""

    state: str  # hash of the next state
    blob: bytes
    is_completed: bool
    has_moved: bool
    changes: Changes
    path: tuple[str, ...]  # elements passed
    scopes: frozenset[str]  # variable scopes in which tokens still are

    @classmethod
    def put_at(cls, there: Carried) -> Leaf:
        """The end of a step that puts an instance at a state; nothing is passed on the way."""
        return cls(there.state, there.blob, False, True, there.changes, (), there.scopes)


@dataclass(slots=True)
class Question:
    """An inner node: one operation of :class:`Outside`, and where each answer leads."""

    name: str
    arguments: tuple[Any, ...]
    branches: dict[Any, Question | Leaf] = field(default_factory=dict)


@dataclass(slots=True)
class _Transition:
    root: Question | Leaf | None = None
    leaves: int = 0


class Transitions:
    """The transitions of one process version; shared by threads, bounded."""

    def __init__(self, most: int = MOST_TRANSITIONS) -> None:
        self.hits = self.misses = self.not_kept = 0
        self._most, self._lock = most, Lock()
        self._known: OrderedDict[tuple[str | None, Operation], _Transition] = OrderedDict()
        self._waits: OrderedDict[str, tuple[Waiting, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, state: str | None, operation: Operation) -> Question | Leaf | None:
        """The first question of a transition, or its end when nothing is asked."""
        key = (state, operation)
        with self._lock:
            known = self._known.get(key)
            if known is None:
                return None
            self._known.move_to_end(key)
            return known.root

    def keep(
        self,
        state: str | None,
        operation: Operation,
        asked: list[tuple[Question, Any]],
        leaf: Leaf,
    ) -> None:
        """Add the run that asked these questions and got these answers."""
        key = (state, operation)
        with self._lock:
            known = self._known.setdefault(key, _Transition())
            if known.leaves >= MOST_LEAVES:
                self.not_kept += 1
                return
            _graft(known, asked, leaf)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def waits(self, state: str) -> tuple[Waiting, ...] | None:
        """What an instance at that state waits for; None when that is not known."""
        return self._waits.get(state)

    def keep_waits(self, state: str, waits: tuple[Waiting, ...]) -> None:
        """Remember what a state waits for."""
        with self._lock:
            self._waits[state] = waits
            while len(self._waits) > self._most:
                self._waits.popitem(last=False)

    def leaves(self) -> Iterator[tuple[str | None, Operation, Leaf]]:
        """Every end that is known, for statistics and tests."""
        for (state, operation), transition in list(self._known.items()):
            pending = [transition.root]
            while pending:
                node = pending.pop()
                if isinstance(node, Leaf):
                    yield state, operation, node
                elif node is not None:
                    pending.extend(node.branches.values())


def _graft(known: _Transition, asked: list[tuple[Question, Any]], leaf: Leaf) -> None:
    """Follow what is there and hang the rest of the run under it."""
    place: dict[Any, Question | Leaf] | None = None
    answer: Any = None
    for question, following in asked:
        node = known.root if place is None else place.get(answer)
        if not isinstance(node, Question):
            node = Question(question.name, question.arguments)
            if place is None:
                known.root = node
            else:
                place[answer] = node
        place, answer = node.branches, following
    if place is None:
        known.root = leaf
    else:
        known.leaves += answer not in place
        place[answer] = leaf


class _Recorder:
    """Answers a token engine: first what was answered already, then live; and notes it all."""

    def __init__(self, outside: Outside, asked: list[tuple[Question, Any]]) -> None:
        self._outside, self._given = outside, iter(list(asked))
        self.asked: list[tuple[Question, Any]] = []
        self.can_be_kept = True

    @property
    def outside(self) -> Outside:
        self.can_be_kept = False
        return self._outside

    def ask(self, name: str, *arguments: Any) -> Any:
        question, answer = next(self._given, (None, None))
        if question is None:
            question = Question(name, arguments)
            answer = self._outside.ask(name, *arguments)
            self.can_be_kept &= _steers_narrowly(answer)
        elif (question.name, question.arguments) != (name, arguments):
            raise AssertionError(
                f"expected the tokens to ask {question.name}{question.arguments} again "
                f"but got {name}{arguments}"
            )
        self.asked.append((question, answer))
        return answer


def _steers_narrowly(answer: Any) -> bool:
    """Whether a branch for each answer is worth it: few different ones are to be expected."""
    if isinstance(answer, int):
        return 0 <= answer <= COUNT_LIMIT
    return answer is None or isinstance(answer, str)


def step(
    known: Transitions | None,
    index: SpecIndex,
    main: str,
    state: str | None,
    read_blob: Callable[[], bytes],
    operation: Operation,
    outside: Outside,
) -> Leaf:
    """Do ``operation`` at ``state`` with the variables and effects of ``outside``.

    ``state`` is None before an instance starts; ``read_blob`` gives its bytes when they are
    needed. Errors of effects (a broken rule, an expression that fails) are raised as they come;
    the caller's transaction is to be rolled back then. Without ``known`` the token engine runs.
    """
    asked: list[tuple[Question, Any]] = []
    if known is not None:
        node = known.find(state, operation)
        while isinstance(node, Question):
            answer = outside.ask(node.name, *node.arguments)
            asked.append((node, answer))
            node = node.branches.get(answer)
        if node is not None:
            known.hits += 1
            outside.keep_scopes(node.scopes)
            return node
        known.misses += 1
    recorder = _Recorder(outside, asked)
    leaf = _run(known, TokenEngine(index, main, recorder), state, read_blob, operation)
    if known is not None and recorder.can_be_kept:
        known.keep(state, operation, recorder.asked, leaf)
    outside.keep_scopes(leaf.scopes)
    return leaf


def _run(
    known: Transitions | None,
    engine: TokenEngine,
    state: str | None,
    read_blob: Callable[[], bytes],
    operation: Operation,
) -> Leaf:
    before: dict[Any, Waiting] = {}
    if state is not None:
        engine.load(read_blob())
        before = engine.waiting()
        if known is not None:
            known.keep_waits(state, tuple(before.values()))
    has_moved = operation.apply(engine)
    changes = compare(before, engine.waiting())
    blob = engine.save()
    return Leaf(
        codec.state_hash(blob),
        blob,
        engine.is_completed,
        has_moved,
        changes,
        tuple(engine.path),
        engine.scopes(),
    )


def waits_at(
    known: Transitions | None,
    index: SpecIndex,
    main: str,
    state: str,
    read_blob: Callable[[], bytes],
    outside: Outside,
) -> tuple[Waiting, ...]:
    """What an instance at ``state`` waits for, in the order of the tokens."""
    waits = None if known is None else known.waits(state)
    if waits is None:
        engine = TokenEngine(index, main, outside)
        engine.load(read_blob())
        waits = tuple(engine.waiting().values())
        if known is not None:
            known.keep_waits(state, waits)
    return waits


_versions: OrderedDict[str, Transitions] = OrderedDict()
_versions_lock = Lock()


def transitions_of(version: str) -> Transitions:
    """The shared memory of a process version, by the hash of all that its specs are made of."""
    with _versions_lock:
        known = _versions.get(version)
        if known is None:
            known = _versions[version] = Transitions()
            while len(_versions) > MOST_VERSIONS:
                _versions.popitem(last=False)
        _versions.move_to_end(version)
        return known


def forget_transitions() -> None:
    """Forget everything; it is worked out again when it is needed."""
    with _versions_lock:
        _versions.clear()


_remembering: ContextVar[bool] = ContextVar("perfflow_remembering", default=True)


def is_remembering() -> bool:
    """Whether steps use what is known; True but for measurements and comparisons."""
    return _remembering.get()


@contextmanager
def without_memory() -> Iterator[None]:
    """Every step in this block runs the token engine: the yardstick for what is remembered."""
    token = _remembering.set(False)
    try:
        yield
    finally:
        _remembering.reset(token)
