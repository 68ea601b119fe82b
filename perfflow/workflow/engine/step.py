"""One step of one instance: load, move tokens, write every row that follows from it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, Row
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, RuleViolation
from perfflow.workflow.definitions.bundle import CompiledBundle
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine import store
from perfflow.workflow.engine.bulk import Bulk, move_statement
from perfflow.workflow.engine.deciding import decide, known_decision, Occasion
from perfflow.workflow.engine.expressions import Evaluator, storable
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.rests import Waiting
from perfflow.workflow.engine.transitions import (
    is_remembering,
    Leaf,
    Operation,
    step,
    transitions_of,
    waits_at,
)
from perfflow.workflow.engine.waits import OpenedSubscription, WaitRows
from perfflow.workflow.registry import find_service, ServiceContext

_MOVE = move_statement(with_variables=True)
_LOG = insert(store.log_table).inline()  # nobody asks for its id


class Step:
    """The tokens of one locked instance, between loading and saving."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        now: datetime,
        row: Row[Any] | Any,
        bulk: Bulk | None = None,
        evaluator: Evaluator | None = None,
    ) -> None:
        self.session, self.actor, self.now, self.row = session, actor, now, row
        self.bulk = bulk  # many steps that are written together; None: this one by itself
        # Statements of the step itself take the short way: there is nothing of the ORM in them.
        self.connection = session.connection() if bulk is None else bulk.connection
        self.bundle: CompiledBundle = store.bundle(session, row.bundle_number, row.content_hash)
        self.index = self.bundle.index(row.definition_key)
        self.known = transitions_of(self.index.version) if is_remembering() else None
        self.evaluator = evaluator or Evaluator(session, now)
        # The first entry of a log holds what the instance was started with.
        self._variables_before = (
            {scope: dict(values) for scope, values in row.variables.items()}
            if row.log_count
            else {}
        )
        ambient = {"business_key": row.business_key, "definition_key": row.definition_key}
        self.outside = Outside(row.variables, ambient, self.evaluator, self._work)

    def waits(self) -> tuple[Waiting, ...]:
        """What the instance waits for where it was saved."""
        return waits_at(
            self.known,
            self.index,
            self.row.definition_key,
            self.row.state_hash,
            self._blob,
            self.outside,
        )

    def _blob(self) -> bytes:
        return store.read_state(self.session, self.row.state_hash)

    def move(self, operation: Operation) -> Leaf:
        """Let the tokens go on; nothing about them is written yet."""
        return step(
            self.known,
            self.index,
            self.row.definition_key,
            self.row.state_hash,
            self._blob,
            operation,
            self.outside,
        )

    def _work(self, element: Element, values: dict[str, Any]) -> dict[str, Any]:
        """The automatic work of a task; values are what its inputs and variables say."""
        if self.bulk is not None:
            self.bulk.settle_new()
        if element.decision is not None:
            return {element.result_variable or "result": self._decide(element, values)}
        if element.script is not None:
            return {
                element.result_variable or "result": self.evaluator.feel(element.script, values)
            }
        service = find_service(element.service or "")
        if service is None:
            raise RuleViolation("workflow.unknown_service", service=element.service or "")
        context = ServiceContext(
            session=self.session,
            actor=self.actor,
            now=self.now,
            instance_id=self.row.id,
            business_key=self.row.business_key,
            definition_key=element.process_key,
            element_id=element.id,
            bundle_number=self.row.bundle_number,
        )
        # Rooms may flush ORM objects: what the step has not written yet must not be in their way.
        # They get copies of lists and contexts: variables change by results only.
        given = {name: _own(values.get(name)) for name in service.inputs}
        result = service.function(context, **given)
        return {name: storable(value) for name, value in (result or {}).items()}

    def _decide(self, element: Element, values: Mapping[str, Any]) -> Any:
        name = str(self.evaluator.value(element.decision or "", values))
        occasion = Occasion(
            instance_id=self.row.id,
            bundle_number=self.row.bundle_number,
            definition_key=element.process_key,
            business_key=self.row.business_key,
            element_id=element.original_id,
            subject_no=self.evaluator.subject(element, values),
        )
        decision = known_decision(self.bundle.decisions, name)
        return decide(self.evaluator, occasion, decision, values)

    # -- saving -------------------------------------------------------------------------------

    def save(
        self,
        leaf: Leaf,
        operation: str,
        element_key: str | None = None,
        *,
        completed_task: Waiting | None = None,
        submission_id: int | None = None,
        outcome: str | None = None,
        status: str | None = None,
        deliver: Callable[[Any], None] | None = None,
    ) -> list[OpenedSubscription]:
        """Write the instance, its log and its waiting points; queue what it published.

        Gives the subscriptions that it opened: a message may be waiting for them.
        """
        if leaf.state != self.row.state_hash:
            store.write_state(self.session, leaf.state, leaf.blob)
        if status is None:
            status = "completed" if leaf.is_completed else "active"
        self._write_instance(leaf, operation, element_key, submission_id, outcome, status)
        rows = WaitRows(self.session, self.now, self.row, self.outside, self.actor, self.bulk)
        rows.apply(leaf.changes, completed_task)
        if deliver is not None:
            for opened in rows.subscriptions:
                deliver(opened)
            for outgoing in self.outside.outgoing:
                outgoing.origin = self.row.id
                deliver(outgoing)
        return rows.subscriptions

    def _write_instance(
        self,
        leaf: Leaf,
        operation: str,
        element_key: str | None,
        submission_id: int | None,
        outcome: str | None,
        status: str,
    ) -> None:
        row = self.row
        entry = {
            "instance_id": row.id,
            "position": row.log_count,
            "at": self.now,
            "actor": self.actor.employee_no or self.actor.name,
            "operation": operation,
            "element_key": element_key,
            "state_before": row.state_hash,
            "state_after": leaf.state,
            "delta": _delta(self._variables_before, self.outside.variables),
            "path": list(leaf.path) or None,
            "submission_id": submission_id,
            "outcome": outcome,
        }
        entry["hash"] = store.chain(row.log_hash, entry)
        values = {
            "at_id": row.id,
            "at_revision": row.revision,
            "state_hash": leaf.state,
            "revision": row.revision + 1,
            "variables": self.outside.variables,
            "status": status,
            "log_hash": entry["hash"],
            "log_count": row.log_count + 1,
            "ended_at": self.now if status in ("completed", "cancelled") else None,
        }
        if self.bulk is not None:
            has_new = entry["delta"] is not None or row.log_count == 0
            self.bulk.move(values, entry, has_new_variables=has_new)
            return
        changed = self.connection.execute(_MOVE, values)
        if changed.rowcount != 1:
            raise Conflict("workflow.instance_moved_on")
        self.connection.execute(_LOG, entry)


def _own(value: Any) -> Any:
    """A value that may be changed without changing the variable it came from."""
    return copy.deepcopy(value) if isinstance(value, (list, dict)) else value


def _delta(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Names with new values by scope; a scope that closed is null."""
    delta: dict[str, Any] = {scope: None for scope in before if scope not in after}
    for scope, values in after.items():
        old = before.get(scope, {})
        changed = {
            name: value for name, value in values.items() if name not in old or old[name] != value
        }
        if changed or scope not in before:
            delta[scope] = changed
    return delta or None
