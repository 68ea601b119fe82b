"""The tree of an expression: one small class for each construct of the grammar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from perfflow.feel.errors import Position


@dataclass(slots=True, eq=False)
class Node:
    at: Position


@dataclass(slots=True, eq=False)
class Literal(Node):
    """A constant; temporal texts that are none carry ``invalid``."""

    value: Any
    invalid: str | None = None


@dataclass(slots=True, eq=False)
class Name(Node):
    name: str


@dataclass(slots=True, eq=False)
class Chain(Node):
    """Operators of one precedence, left to right: ``a + b - c``."""

    first: Node
    rest: list[tuple[str, Node, Position]]


@dataclass(slots=True, eq=False)
class Logic(Node):
    operator: str  # "and" | "or"
    operands: list[Node]


@dataclass(slots=True, eq=False)
class Negation(Node):
    operand: Node


@dataclass(slots=True, eq=False)
class Comparison(Node):
    operator: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(slots=True, eq=False)
class In(Node):
    value: Node
    tests: list[Node]


@dataclass(slots=True, eq=False)
class InstanceOf(Node):
    value: Node
    type: Any


@dataclass(slots=True, eq=False)
class Path(Node):
    source: Node
    name: str


@dataclass(slots=True, eq=False)
class Filter(Node):
    source: Node
    condition: Node


@dataclass(slots=True, eq=False)
class Call(Node):
    function: Node
    positional: list[Node]
    named: list[tuple[str, Node]] | None


@dataclass(slots=True, eq=False)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True, eq=False)
class For(Node):
    iterators: list[tuple[str, Node, Node | None]]
    body: Node


@dataclass(slots=True, eq=False)
class Quantified(Node):
    quantifier: str  # "some" | "every"
    iterators: list[tuple[str, Node, Node | None]]
    condition: Node


@dataclass(slots=True, eq=False)
class ListNode(Node):
    items: list[Node]


@dataclass(slots=True, eq=False)
class ContextNode(Node):
    entries: list[tuple[str, Node, Position]]


@dataclass(slots=True, eq=False)
class RangeNode(Node):
    start_included: bool
    start: Node
    end: Node
    end_included: bool


@dataclass(slots=True, eq=False)
class UnaryTest(Node):
    """``< 10`` on its own: a range that is open on one side."""

    operator: str
    operand: Node


@dataclass(slots=True, eq=False)
class FunctionNode(Node):
    parameters: list[tuple[str, Any]]
    body: Node
    external: bool = False


@dataclass(slots=True, eq=False)
class Tests(Node):
    """The tests of a decision table's cell; no tests means ``-``."""

    tests: list[Node] | None
    negated: bool = False
