"""Rows of the engine in SQLAlchemy Core: bundles, states, instances, and the log's chain."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import bindparam, event, Row, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from perfflow.db.types import json_text
from perfflow.kernel.errors import NotFound
from perfflow.workflow.definitions.bundle import compile_bundle, CompiledBundle
from perfflow.workflow.models import (
    Bundle,
    BundleFile,
    EngineState,
    EventLog,
    ProcessInstance,
    table_of,
    UserTask,
)

Value = TypeVar("Value")
bundle_table = table_of(Bundle)
file_table = table_of(BundleFile)
state_table = table_of(EngineState)
instance_table = table_of(ProcessInstance)
task_table = table_of(UserTask)
log_table = table_of(EventLog)


class _Recent(OrderedDict[str, Value]):
    """A small thread-safe cache of immutable things by the hash of their content."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size, self._lock = size, Lock()

    def recall(self, key: str) -> Value | None:
        with self._lock:
            value = self.get(key)
            if value is not None:
                self.move_to_end(key)
            return value

    def keep(self, key: str, value: Value) -> None:
        with self._lock:
            self[key] = value
            while len(self) > self._size:
                self.popitem(last=False)


_bundles: _Recent[CompiledBundle] = _Recent(16)
_blobs: _Recent[bytes] = _Recent(4096)
# States that a database surely has, by its connection pool (shared by an engine and its copies).
_stored: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
_WRITTEN = "perfflow.workflow.states"


def read_files(session: Session, hashes: Mapping[str, str]) -> dict[str, bytes]:
    """Contents of the files that a bundle or release lists by path."""
    found: dict[str, bytes] = {}
    wanted = sorted(set(hashes.values()))
    for start in range(0, len(wanted), 400):
        rows = session.execute(
            select(file_table.c.content_hash, file_table.c.content).where(
                file_table.c.content_hash.in_(wanted[start : start + 400])
            )
        )
        found |= {row.content_hash: bytes(row.content) for row in rows}
    return {path: found[content_hash] for path, content_hash in hashes.items()}


def bundle(session: Session, number: int, content_hash: str | None = None) -> CompiledBundle:
    """The compiled bundle; ``content_hash`` spares a statement when the caller knows it."""
    if content_hash is not None:
        known = _bundles.recall(content_hash)
        if known is not None:
            return known
    row = session.execute(
        select(bundle_table.c.content_hash, bundle_table.c.files).where(
            bundle_table.c.number == number
        )
    ).one_or_none()
    if row is None:
        raise NotFound("workflow.no_bundle", number=number)
    known = _bundles.recall(row.content_hash)
    if known is None:
        known = compile_bundle(read_files(session, row.files))
        _bundles.keep(row.content_hash, known)
    return known


def read_state(session: Session, state_hash: str) -> bytes:
    """The bytes of a token state."""
    blob = _blobs.recall(state_hash)
    if blob is None:
        blob = bytes(
            session.execute(
                select(state_table.c.blob).where(state_table.c.hash == state_hash)
            ).scalar_one()
        )
        _blobs.keep(state_hash, blob)
    return blob


def write_state(session: Session, state_hash: str, blob: bytes) -> None:
    """Store a token state unless it is there already."""
    pool = session.get_bind().engine.pool
    if state_hash in _stored.get(pool, ()) or state_hash in session.info.get(_WRITTEN, ()):
        return
    insert_once(session, state_table, {"hash": state_hash, "blob": blob})
    _blobs.keep(state_hash, blob)
    if session.in_nested_transaction():
        return
    # Known for good only when this transaction has committed; states are never deleted.
    written: set[str] | None = session.info.get(_WRITTEN)
    if written is None:
        written = session.info[_WRITTEN] = set()
    written.add(state_hash)


def _remember_states(session: Session) -> None:
    written = session.info.pop(_WRITTEN, None)
    if written:
        _stored.setdefault(session.get_bind().engine.pool, set()).update(written)


def _forget_states(session: Session) -> None:
    session.info.pop(_WRITTEN, None)


event.listen(Session, "after_commit", _remember_states)
event.listen(Session, "after_rollback", _forget_states)


@lru_cache(maxsize=64)
def _insert_if_free(table: Any, dialect: str, wants_id: bool) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing()
    return statement.returning(table.c.id) if wants_id else statement


def insert_once(session: Session, table: Any, values: Any) -> None:
    """Insert rows whose keys may be taken: the same statement on both databases."""
    session.execute(_insert_if_free(table, session.get_bind().dialect.name, False), values)


def insert_or_none(session: Session, table: Any, values: Mapping[str, Any]) -> int | None:
    """The id of a new row; None when a unique index has one like it, and nothing is broken."""
    statement = _insert_if_free(table, session.get_bind().dialect.name, True)
    new_id: int | None = session.execute(statement, values).scalar_one_or_none()
    return new_id


_LOCK_INSTANCE = (
    select(instance_table, bundle_table.c.content_hash)
    .join(bundle_table, bundle_table.c.number == instance_table.c.bundle_number)
    .where(instance_table.c.id == bindparam("at"))
    .with_for_update(of=instance_table)
)
_LOCK_INSTANCE_OF = (
    select(instance_table.c.id)
    .where(
        instance_table.c.id
        == select(task_table.c.instance_id)
        .where(task_table.c.id == bindparam("at"))
        .scalar_subquery()
    )
    .with_for_update()
)
_LOCK_TASK = select(task_table).where(task_table.c.id == bindparam("at")).with_for_update()


def lock_instance(session: Session, instance_id: int) -> Row[Any] | None:
    """The instance with its bundle's content hash, locked for this transaction."""
    return session.execute(_LOCK_INSTANCE, {"at": instance_id}).one_or_none()


def lock_task_of_instance(session: Session, task_id: int) -> Row[Any] | None:
    """A task, its instance locked before it; for changes that move timers along."""
    session.execute(_LOCK_INSTANCE_OF, {"at": task_id})
    return lock_task(session, task_id)


def lock_task(session: Session, task_id: int) -> Row[Any] | None:
    """A task's own row, locked; for changes that do not move tokens."""
    return session.execute(_LOCK_TASK, {"at": task_id}).one_or_none()


def chain(previous: str, content: Mapping[str, Any]) -> str:
    """The hash of a log row: it covers the row before and all of this one."""
    return blake2b(
        previous.encode() + json_text(dict(content)).encode(), digest_size=20
    ).hexdigest()
