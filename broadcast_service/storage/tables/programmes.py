"""Programmes, their weekly slots, the dated broadcasts and what each of them plays."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .places import Station
from .scripts import Revision, Script
from .sound import Rendition, Sound


class Programme(Base):
    """A named series: “Điển hình tiên tiến”."""

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    """ASCII capitals, part of file names: “DHTT”."""
    name: Mapped[str]
    letters: Mapped[str]
    """Two letters on its colour: “ĐH”."""
    hue: Mapped[str]
    """One of the eight colours of the theme: dh, nt, hb, nm, pl, tb, an, ts."""
    fields: Mapped[list[str]]
    """Fields it prefers; empty: all alike."""
    position: Mapped[int] = mapped_column(default=0)
    sounds: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Its own sounds, code by kind: {"signature": "nhac-tet"}; a kind that is left out falls back."""
    has_bed: Mapped[bool] = mapped_column(default=False)
    """Whether its bed lies under greeting, contents and farewell."""


class Slot(Base):
    """When a programme airs on which stations: weekdays, wall-clock time with zone, length."""

    __tablename__ = "slot"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    weekdays: Mapped[int]
    """Bit mask: Monday 1, Tuesday 2, … Sunday 64."""
    starts_at: Mapped[time]
    """Wall-clock time in `zone`."""
    zone: Mapped[str] = mapped_column(default="Asia/Ho_Chi_Minh")
    length_s: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    """First day on which it no longer airs."""
    when_voice_fails: Mapped[str] = mapped_column(default="wait")
    """What its planner chose: wait for the voice, or take the next one of the order."""
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(lazy="joined")
    stations: Mapped[list[Station]] = relationship(secondary="slot_station", order_by=Station.position)


class SlotStation(Base):
    """A station on which a slot airs."""

    __tablename__ = "slot_station"

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True, index=True)


class Broadcast(Base):
    """One dated occurrence of a slot on one station: a row, never a computed guess."""

    __tablename__ = "broadcast"
    __table_args__ = (
        UniqueConstraint("slot_id", "station_id", "local_date"),
        Index("ix_broadcast_station_starts", "station_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    local_date: Mapped[date] = mapped_column(index=True)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    length_s: Mapped[int]
    filled_at: Mapped[datetime | None]
    """When the filler last chose for it; None: never."""
    edited_at: Mapped[datetime | None]
    """When a person last changed its rundown: the filler keeps off."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts changes of the rundown, so that two editors do not overwrite each other."""

    slot: Mapped[Slot] = relationship()
    programme: Mapped[Programme] = relationship(lazy="joined")
    station: Mapped[Station] = relationship(lazy="joined")
    cues: Mapped[list["Cue"]] = relationship(
        back_populates="broadcast", order_by="Cue.position", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Cue(Base):
    """One item of a rundown."""

    __tablename__ = "cue"

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"), index=True)
    position: Mapped[int]
    """From 0, without gaps."""
    kind: Mapped[str]
    """sound, shell or script."""
    title: Mapped[str]
    sound_id: Mapped[int | None] = mapped_column(ForeignKey("sound.id"))
    script_id: Mapped[int | None] = mapped_column(ForeignKey("script.id"), index=True)
    """The script, or the shell a filled text was made from."""
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    rendition_id: Mapped[int | None] = mapped_column(ForeignKey("rendition.id"), index=True)
    is_fallback: Mapped[bool] = mapped_column(default=False)
    """An evergreen stands in because nothing fresh was there."""
    is_repeat: Mapped[bool] = mapped_column(default=False)
    """The station has aired it before: “phát lại”."""
    wanted_voice: Mapped[str] = mapped_column(default="")
    """The voice it was to have, where another one speaks in its stead; empty: the wanted one speaks."""
    voice_reason: Mapped[str] = mapped_column(default="")
    """Why, as a sentence for a person."""

    broadcast: Mapped[Broadcast] = relationship(back_populates="cues")
    sound: Mapped[Sound | None] = relationship(lazy="joined")
    script: Mapped[Script | None] = relationship()
    revision: Mapped[Revision | None] = relationship()
    rendition: Mapped[Rendition | None] = relationship()
