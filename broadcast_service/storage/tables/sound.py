"""Pieces of sound, the renditions made of them, and the station's music."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base


class Piece(Base):
    """One mastered stretch of sound, rendered once and used by every station. Never changed.

    The blob holds bare MP3 frames (44.1 kHz mono CBR 64 kbit/s), without tags or an Info frame,
    so that pieces join by being laid end to end.
    """

    __tablename__ = "piece"

    key: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of what it was made from: spoken text, voice and settings."""
    blob: Mapped[str] = mapped_column(index=True)
    """SHA-256 of its bytes: the name it is stored under."""
    size: Mapped[int]
    """Bytes."""
    frames: Mapped[int]
    loudness_lufs: Mapped[float]
    true_peak_dbtp: Mapped[float]
    peaks: Mapped[list[Any]]
    """Outline for the picture: one whole number 0–100 for each fifth of a second."""
    created_at: Mapped[datetime]


class Rendition(Base):
    """One spoken text said by one voice: pieces of sound, or the wish for them."""

    __tablename__ = "rendition"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """SHA-256 over the keys of its pieces: the same text in the same voice is the same rendition."""
    voice: Mapped[str]
    paragraphs: Mapped[list[str]]
    """Spoken text, one string a paragraph, a sentence a line."""
    state: Mapped[str] = mapped_column(default="wanted", index=True)
    """wanted, ready or failed."""
    error: Mapped[str] = mapped_column(default="")
    estimated_ms: Mapped[int]
    frames: Mapped[int | None]
    """True length once ready."""
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]

    pieces: Mapped[list["RenditionPiece"]] = relationship(
        order_by="RenditionPiece.position", cascade="all, delete-orphan"
    )


class RenditionPiece(Base):
    """The place of one piece in a rendition."""

    __tablename__ = "rendition_piece"

    rendition_id: Mapped[int] = mapped_column(ForeignKey("rendition.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    piece_key: Mapped[str] = mapped_column(ForeignKey("piece.key"), index=True)

    piece: Mapped[Piece] = relationship(lazy="joined")


class Sound(Base):
    """A signature tune, a sting or a bed."""

    __tablename__ = "sound"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    """signature, sting or bed."""
    piece_key: Mapped[str] = mapped_column(ForeignKey("piece.key"))

    piece: Mapped[Piece] = relationship(lazy="joined")
