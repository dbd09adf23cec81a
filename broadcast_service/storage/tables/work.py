"""Work to be done by itself, and the few choices an administrator makes for all."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Job(Base):
    """One unit of work, found by whoever is free. The row is the truth; threads and bells only hurry it.

    It is claimed by compare-and-set with a lease; a result counts only with the attempt's number
    that was claimed, so a worker thought dead can not overwrite its successor's.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_not_before", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """render, package or reread."""
    subject: Mapped[str]
    """What it is about: a rendition's id, “station-code/2026-11-24”, a script's id."""
    idem_key: Mapped[str | None] = mapped_column(unique=True)
    """kind:subject while it is open; cleared when it ends, so that it may be asked for again."""
    state: Mapped[str] = mapped_column(default="queued")
    """queued, leased, done, or dead after its last attempt."""
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    """When the result is needed: the earliest is done first."""
    not_before: Mapped[datetime]
    lease_owner: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Preference(Base):
    """A choice for the whole installation, such as whether samples may be aired."""

    __tablename__ = "preference"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
