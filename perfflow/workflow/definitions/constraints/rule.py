"""A rule of the BPMN standard: a code, where the standard says so, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from perfflow.workflow.definitions.constraints.model import Model

Broken = Iterator[tuple[Any, dict[str, str]]]
Search = Callable[[Model], Broken]


@dataclass(frozen=True, slots=True)
class Rule:
    """``find`` yields each element that breaks the rule, with the parameters of its sentence.

    ``section`` is the clause of BPMN 2.0 (OMG formal/2011-01-03). What is only repeated in a file,
    and so often forgotten when files of our dialect are edited by hand, is a warning there.
    """

    code: str
    section: str
    find: Search
    is_repetition: bool = False


class RuleBook:
    """Collects the rules of one module in the order in which they are written."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def rule(
        self, code: str, section: str, is_repetition: bool = False
    ) -> Callable[[Search], Search]:
        """Register a search as a rule."""

        def register(find: Search) -> Search:
            self.rules.append(Rule(code, section, find, is_repetition))
            return find

        return register
