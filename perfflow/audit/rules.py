"""Hashes of the audit trail: what a row's content and a seal are hashed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, UTC

FIRST_SEAL = "0" * 64
"""What stands for the previous seal before there is one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found not to be as it must; ``key`` names the row or thing."""

    kind: str
    key: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class EntryContent:
    """What an audit row says; all of it is hashed. ``details`` is canonical JSON text."""

    at: datetime
    transaction_id: str
    actor: str
    employee_no: str | None
    event: str
    subject: str
    details: str

    def digest(self) -> str:
        """SHA-256 of the content in hexadecimal, the same on every database."""
        return digest_of(
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.transaction_id,
            self.actor,
            self.employee_no,
            self.event,
            self.subject,
            self.details,
        )


def digest_of(*parts: str | int | None) -> str:
    """SHA-256 of a list of texts and numbers; the list's JSON keeps the parts apart."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seal_hash(previous: str, rows: Iterable[tuple[int, str]]) -> str:
    """The seal over ``rows`` of (id, content hash), in their order, after ``previous``."""
    running = hashlib.sha256(previous.encode())
    for number, content_hash in rows:
        running.update(f"\n{number} {content_hash}".encode())
    return running.hexdigest()
