"""Units, how they became one another, and the stations that belong to them."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base


class Unit(Base):
    """An organisation or an administrative unit, for as long as it existed. Keyed by code, never by name."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    """With its kind in front, as it is said: “phường Ninh Hòa”."""
    kind: Mapped[str]
    """phuong, xa, thi-xa, tinh, co-quan."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """First day on which it no longer exists: the span is half-open."""
    legal_basis: Mapped[str] = mapped_column(default="")

    stations: Mapped[list["Station"]] = relationship(back_populates="unit")


class Succession(Base):
    """One unit became another, wholly or in part, on a day."""

    __tablename__ = "succession"

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
    happened_on: Mapped[date]


class Station(Base):
    """Who receives and plays: a ward's loudspeakers or the radio-TV station."""

    __tablename__ = "station"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    """ASCII, as in addresses and file names: “hoa-tri”."""
    name: Mapped[str]
    """As it is said on the air: “Đài truyền thanh xã Hòa Trí”."""
    letters: Mapped[str]
    """Two letters for narrow tables: “Tr”."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    region: Mapped[str] = mapped_column(default="trung")
    quiet_from: Mapped[time] = mapped_column(default=time(21, 0))
    """Nothing is aired from this wall-clock time …"""
    quiet_until: Mapped[time] = mapped_column(default=time(5, 0))
    """… until this one. Equal times: never quiet."""
    quiet_decision: Mapped[str] = mapped_column(default="")
    """Number of the decision that allows other hours than the default ones."""
    active: Mapped[bool] = mapped_column(default=True)
    voices: Mapped[list[str]] = mapped_column(default=list)
    """Names of voices in its own order of preference; empty: the Centre's order."""

    profile: Mapped[str] = mapped_column(default="web")
    """Of `audio.profiles`: what its packages are made for. loa: horn loudspeakers."""
    updated_at: Mapped[datetime | None]
    """When somebody last changed it; its packages are looked at anew then."""

    unit: Mapped[Unit] = relationship(back_populates="stations")
