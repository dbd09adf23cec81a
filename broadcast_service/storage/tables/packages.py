"""What a station takes home, that it did, and what was really played."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .people import Account
from .places import Station


class Package(Base):
    """All broadcasts of one station on one day, numbered. Never changed: a new one supersedes it."""

    __tablename__ = "package"
    __table_args__ = (UniqueConstraint("station_id", "local_date", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    local_date: Mapped[date] = mapped_column(index=True)
    number: Mapped[int]
    """From 1 for each station and day."""
    content_hash: Mapped[str]
    """SHA-256 over what it plays: the same content is never packed twice."""
    broadcast_ids: Mapped[list[Any]]
    layout: Mapped[dict[str, Any]]
    """Of `services.laying`: the files in order, as byte ranges of blobs; and what each broadcast plays."""
    created_at: Mapped[datetime]

    station: Mapped[Station] = relationship(lazy="joined")


class Fetch(Base):
    """A package, or one file of it, reached a station to its last byte."""

    __tablename__ = "fetch"

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("package.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    file: Mapped[str]
    fetched_at: Mapped[datetime]


class AsRunEntry(Base):
    """What was played, or why not. Never changed: the newest entry of a broadcast counts."""

    __tablename__ = "as_run_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"), index=True)
    outcome: Mapped[str]
    """aired, missed, or withdrawn when a report was a slip of the thumb."""
    reason: Mapped[str] = mapped_column(default="")
    """Code of why it was missed: power, equipment, weather, other, unprepared."""
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[str]
    """tap (a person) or clock (the service itself)."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account | None] = relationship()
