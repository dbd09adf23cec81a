"""What people have decided about how words are said."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .people import Account
from .places import Station
from .scripts import Script


class LexiconEntry(Base):
    """One written token and what is said for it, at the Centre, at a station, or in a script."""

    __tablename__ = "lexicon_entry"
    __table_args__ = (UniqueConstraint("scope", "written"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    """“centre”, “station/3” or “script/12”: the layer and whose it is."""
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    script_id: Mapped[int | None] = mapped_column(ForeignKey("script.id"))
    written: Mapped[str]
    """A whole token or several, NFC, in just these capitals."""
    spoken: Mapped[str]
    """Empty: nothing is said."""
    example: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Who decided last; None: a command did."""
    changed_at: Mapped[datetime]

    station: Mapped[Station | None] = relationship()
    script: Mapped[Script | None] = relationship()
    author: Mapped[Account | None] = relationship()
