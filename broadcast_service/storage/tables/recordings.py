"""What people have read into a microphone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .people import Account
from .scripts import LocalReading, Revision


class Recording(Base):
    """One take: a person reading one spoken paragraph, or a whole text without a stop. Only withdrawing changes it.

    It counts wherever exactly these paragraphs of the same script are said, so that a later revision asks only for
    what has changed.
    """

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
    """The revision that was on the screen."""
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("local_reading.id"))
    """The local reading that was read; None: the common text."""
    paragraph: Mapped[int | None]
    """Its place among the spoken paragraphs, from 1; None: the whole text in one take."""
    paragraphs: Mapped[list[str]]
    """What was read: one spoken paragraph, or all of them."""
    text_hash: Mapped[str] = mapped_column(index=True)
    """SHA-256 over `paragraphs`."""
    reader: Mapped[str]
    """Whose voice it is, as people call them."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Who handed it in; None: from the command line."""
    original: Mapped[str]
    """SHA-256 of the file as it was handed in, which is kept for proof."""
    original_name: Mapped[str]
    original_format: Mapped[str]
    """Container as `audio.sniffing` names it: wav, mp3, matroska, …"""
    original_bytes: Mapped[int]
    piece_keys: Mapped[list[str]]
    """The mastered pieces, one for each of `paragraphs`."""
    before: Mapped[dict[str, Any]]
    """`audio.recording.Measures` of what was handed in, and the `warnings` about it."""
    after: Mapped[dict[str, Any]]
    """The same of what was made of it."""
    notes: Mapped[list[str]]
    """Sentences about what was put right."""
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    """When it was taken back, or replaced by another take of the same words."""
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    vouched_at: Mapped[datetime | None]
    """When somebody heard that all words are in it, though it is much shorter or longer than they take; it is aired."""
    vouched_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    revision: Mapped[Revision] = relationship()
    reading: Mapped[LocalReading | None] = relationship()
    account: Mapped[Account | None] = relationship(foreign_keys=account_id)
    vouched_by: Mapped[Account | None] = relationship(foreign_keys=vouched_by_id)

    @property
    def warnings(self) -> list[str]:
        """Sentences about what could not be put right."""
        return list(self.before.get("warnings", ()))
