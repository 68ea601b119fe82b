"""The table of drafts: files that a process admin has uploaded and not published yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base
from perfflow.db.types import UtcDateTime


class DeploymentDraft(Base):
    """One file of a person's draft, by the path under which it would be published."""

    __tablename__ = "deployment_draft"
    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
