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

    ``build`` makes the tables and loads the calendars; ``people`` adds the seeded firm for
    stories with rooms, ``holder`` is who would complete an open task there.
    """

    build: Callable[[Database], None]
    people: Callable[[Database, datetime], None]
    holder: Callable[[Session, Any, date], Actor]


@dataclass(frozen=True, slots=True)
class Templates:
    """Prepared database files; a case works on a copy of one."""

    plain: Path
    with_rooms: Path | None

    def in_folder(self, folder: Path) -> Templates:
        """Links to the same files under a folder of one's own, where copies cannot meet."""

        def link(path: Path) -> Path:
            place = folder / path.name
            place.symlink_to(path)
            return place

        return Templates(link(self.plain), self.with_rooms and link(self.with_rooms))
