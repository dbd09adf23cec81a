"""Pieces of sound, the renditions made of them, and the station's music."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .people import Account


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
    checks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What `sound_checks` heard in it: findings, and the silence at both ends; None: not listened to yet."""
    is_faulty: Mapped[bool | None]
    """Whether a finding keeps it off the air."""
    words: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """When words begin: [ms from the start of the decoded frames, which of the text's syllables, from 0], both
    rising; None where the voice does not tell."""


class Encoding(Base):
    """Pieces heard one after another as one file of another kind, made when asked for and kept for a while."""

    __tablename__ = "encoding"

    key: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of its kind and recipe."""
    kind: Mapped[str]
    """ogg, m4a or wav."""
    recipe: Mapped[dict[str, Any]]
    """Of `services.encodings`: the pieces in order, and what the file tells of itself."""
    state: Mapped[str] = mapped_column(default="wanted")
    """wanted, ready or failed."""
    error: Mapped[str] = mapped_column(default="")
    """A sentence for a person."""
    parts: Mapped[list[Any]] = mapped_column(default=list)
    """Of `Splice.to_json`, once ready."""
    length_ms: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    """When somebody last wanted it."""
    ready_at: Mapped[datetime | None]


class Rendition(Base):
    """One spoken text said by one voice: pieces of sound, or the wish for them."""

    __tablename__ = "rendition"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """SHA-256 over the keys of its pieces: the same text in the same voice is the same rendition."""
    voice: Mapped[str]
    """Name of the voice; of the one that speaks first where there are several."""
    voices: Mapped[list[str]] = mapped_column(default=list)
    """Names of the voices, one for each paragraph, where there are several; empty: `voice` says all of it."""
    paragraphs: Mapped[list[str]]
    """Spoken text, one string a paragraph, a sentence a line."""
    state: Mapped[str] = mapped_column(default="wanted", index=True)
    """wanted, ready or failed."""
    error: Mapped[str] = mapped_column(default="")
    failed_at: Mapped[datetime | None]
    """When it was given up last."""
    estimated_ms: Mapped[int]
    frames: Mapped[int | None]
    """True length once ready."""
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    bed_key: Mapped[str | None] = mapped_column(ForeignKey("piece.key"))
    """The music that lies under it, all of it one piece then; None: speech alone."""
    is_faulty: Mapped[bool | None]
    """Whether a finding in its pieces or between them keeps it off the air; None: not listened to yet."""

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
    """A signature tune, a sting, a bed or a closing tune."""

    __tablename__ = "sound"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    """ASCII; those of `domain.rundown` are the set that every programme falls back on."""
    name: Mapped[str]
    kind: Mapped[str]
    """signature, sting, bed or closing."""
    piece_key: Mapped[str] = mapped_column(ForeignKey("piece.key"))
    original: Mapped[str | None]
    """SHA-256 of the file that was handed in, in the blob store; None: the service made it."""
    made_of: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Codes of the sounds that were cross-faded into it, in order."""
    valid_from: Mapped[date | None]
    """First day on which it may be planned; None: always."""
    valid_until: Mapped[date | None]
    """First day on which it may no longer be planned."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Who handed it in."""
    created_at: Mapped[datetime | None]
    """None: it is older than this note."""
    put_away_at: Mapped[datetime | None]
    """Since when nobody may choose it; what was planned with it falls back."""

    piece: Mapped[Piece] = relationship(lazy="joined")
    account: Mapped[Account | None] = relationship()
