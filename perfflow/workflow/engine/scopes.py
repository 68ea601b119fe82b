"""Variable scopes of a running instance: reading inner to outer, writing where a name lives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine.expressions import Evaluator, storable

MAX_INSTANCES = 1_000
ITEMS = "$items"  # no name that an expression could spell


def scope_chain(scope: str) -> list[str]:
    """Scopes from ``scope`` out to that of its process.

    A scope is the path of enclosing sub-processes; a called process is written in brackets and
    is a border: it sees only what was handed in.
    """
    chain = [scope]
    while scope and not scope.endswith(")"):
        scope = scope.rpartition("/")[0]
        chain.append(scope)
    return chain


def visible_variables(variables: Mapping[str, Mapping[str, Any]], scope: str) -> dict[str, Any]:
    """What can be read in a scope, the inner value first."""
    merged: dict[str, Any] = {}
    for part in reversed(scope_chain(scope)):
        merged.update(variables.get(part, {}))
    return merged


class Scopes:
    """The variables of one instance while its tokens move."""

    variables: dict[str, dict[str, Any]]
    ambient: Mapping[str, Any]  # facts of the instance that every expression may read
    evaluator: Evaluator

    def context(self, scope: str) -> dict[str, Any]:
        """What an expression in ``scope`` can read, the inner value first."""
        return {**self.ambient, **visible_variables(self.variables, scope)}

    def assign(self, scope: str, name: str, value: Any) -> None:
        """Write where the name is declared, else to the scope of the process."""
        chain = scope_chain(scope)
        for part in chain:
            if name in self.variables.get(part, {}):
                self.variables[part][name] = storable(value)
                return
        self.variables.setdefault(chain[-1], {})[name] = storable(value)

    def enter(self, element: Element, outer: str, scope: str, is_call: bool) -> None:
        """Open the variable scope of a sub-process or call activity."""
        context = self.context(outer)
        values = {
            item.target: storable(self.evaluator.value(item.source, context))
            for item in element.inputs
        }
        if is_call and element.passes_all_in:
            values = visible_variables(self.variables, outer) | values
        # An activity that was interrupted in this very step may have left its scope behind.
        self._drop_scope(scope)
        self.variables[scope] = values

    def leave(self, element: Element, outer: str, scope: str, is_call: bool) -> None:
        """Close the scope and hand its results out."""
        inside = self.context(scope)
        own = self.variables.get(scope, {})
        results = {
            item.target: self.evaluator.value(item.source, inside) for item in element.outputs
        }
        if is_call and element.passes_all_out:
            results = own | results
        self._drop_scope(scope)
        for name, value in results.items():
            self.assign(outer, name, value)

    def _drop_scope(self, scope: str) -> None:
        for name in [n for n in self.variables if n == scope or n.startswith(scope + "/")]:
            del self.variables[name]

    def keep_scopes(self, alive: Collection[str]) -> None:
        """Forget the variables of scopes that were interrupted."""
        for scope in [name for name in self.variables if name not in alive]:
            del self.variables[scope]

    # -- loops --------------------------------------------------------------------------------

    def begin_loop(self, element: Element, outer: str, scope: str) -> int:
        """Open the scope of a loop; how many instances it has (0 for a standard loop).

        The collection is read once, here: changing it later changes nothing.
        """
        loop, context = element.loop, self.context(outer)
        assert loop is not None
        self._drop_scope(scope)
        own: dict[str, Any] = {}
        self.variables[scope] = own
        if loop.kind == "standard":
            own["loopCounter"] = 0
            return 0
        if loop.collection is not None:
            items = self.evaluator.feel(loop.collection, context)
            if not isinstance(items, list):
                raise RuleViolation(
                    "workflow.not_a_list", element=element.original_id, got=str(items)
                )
            own[ITEMS] = storable(items)
            total = len(items)
        else:
            total = self.evaluator.feel(loop.cardinality or "", context)
            if not isinstance(total, int) or isinstance(total, bool):
                raise RuleViolation(
                    "workflow.bad_loop_count", element=element.original_id, got=str(total)
                )
        if not 0 <= total <= MAX_INSTANCES:
            raise RuleViolation(
                "workflow.bad_loop_count", element=element.original_id, got=str(total)
            )
        if loop.results is not None:
            own[loop.results] = [None] * total
        return total

    def count_instances(self, scope: str, total: int, active: int, completed: int) -> None:
        """Set what expressions may read about the instances of a loop."""
        self.variables[scope] |= {
            "nrOfInstances": total,
            "nrOfActiveInstances": active,
            "nrOfCompletedInstances": completed,
        }

    def begin_instance(self, element: Element, outer: str, scope: str, number: int) -> None:
        """Open the scope of one instance; ``number`` counts from 1."""
        loop, around = element.loop, self.variables[outer]
        assert loop is not None
        if loop.kind == "standard":
            around["loopCounter"] = number
        own: dict[str, Any] = {"loopCounter": number}
        if loop.item is not None and ITEMS in around:
            own[loop.item] = around[ITEMS][number - 1]
        self.variables[scope] = own

    def end_instance(self, element: Element, outer: str, scope: str, number: int) -> None:
        """Close the scope of one instance and keep its result."""
        loop = element.loop
        assert loop is not None
        if loop.results is not None and loop.result is not None:
            value = self.evaluator.value(loop.result, self.context(scope))
            results = list(self.variables[outer][loop.results])
            results[number - 1] = storable(value)
            self.variables[outer][loop.results] = results
        self._drop_scope(scope)

    def end_loop(self, element: Element, outer: str, scope: str) -> None:
        """Close the scope of a loop and hand its results out."""
        loop = element.loop
        assert loop is not None
        results = self.variables.get(scope, {}).get(loop.results or "")
        self._drop_scope(scope)
        if loop.results is not None:
            self.assign(outer, loop.results, results)
