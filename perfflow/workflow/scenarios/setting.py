"""What scenarios play on: prepared databases, and who completes a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Setting:
    """The application's part of a run.

    ``build`` makes the tables and loads the calendars. For stories with rooms ``people`` adds
    the seeded firm, ``holder`` is who would complete an open task there, and ``answers`` what
    this person would type.
    """

    build: Callable[[Database], None]
    people: Callable[[Database, datetime], None]
    holder: Callable[[Session, Any, date], Actor]
    answers: Callable[[Session, Actor, Any, datetime], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Templates:
    """Prepared database files; cases work on copies."""

    plain: Path
    with_rooms: Path | None
