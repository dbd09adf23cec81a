"""Scripts, their immutable revisions, and what was decided about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .people import Account
from .places import Station, Unit


class Script(Base):
    """A text for the air: an exemplar piece, or a shell with fields such as {tên đài}."""

    __tablename__ = "script"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    status: Mapped[str] = mapped_column(default="draft", index=True)
    """A value of `domain.scripts.Status`: draft, submitted, approved, retired."""
    genre: Mapped[str]
    area: Mapped[str] = mapped_column(default="", index=True)
    """One of the three areas of III.5; empty for shells."""
    field: Mapped[str] = mapped_column(default="", index=True)
    content_group: Mapped[str] = mapped_column(default="")
    """One of the four content groups of II.1."""
    movement: Mapped[str] = mapped_column(default="")
    object_group: Mapped[str] = mapped_column(default="")
    exemplar_kind: Mapped[str] = mapped_column(default="")
    """ca-nhan, tap-the, ho-gia-dinh; empty where nobody is put forward."""
    source: Mapped[str] = mapped_column(default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """The unit that put the exemplar forward."""
    shell: Mapped[str] = mapped_column(default="", index=True)
    """Empty for a piece; else call, greeting, contents, handover, farewell."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    """Shipped with the service; one switch keeps all samples off the air."""
    is_evergreen: Mapped[bool] = mapped_column(default=False)
    """May fill a slot that nobody filled."""
    shipped_sha256: Mapped[str] = mapped_column(default="")
    """Hash of the imported file, by which a second import knows it is unchanged."""
    voices: Mapped[list[str]] = mapped_column(default=list)
    """Names of voices in its own order of preference; empty: the station's or the Centre's order."""
    speakers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Who speaks, for a script in several voices: label in the text → name of a voice."""
    is_internal: Mapped[bool] = mapped_column(default=False)
    """Whether its text must not be sent to somebody else's machine to be spoken."""
    search_text: Mapped[str] = mapped_column(default="")
    """Title, text and code, folded; kept in the same transaction."""
    sort_key: Mapped[str] = mapped_column(default="", index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)

    unit: Mapped[Unit | None] = relationship()
    revisions: Mapped[list["Revision"]] = relationship(
        back_populates="script", order_by="Revision.number", cascade="all, delete-orphan"
    )

    @property
    def latest(self) -> "Revision":
        """The newest revision; every script has at least one."""
        return self.revisions[-1]


class Revision(Base):
    """The text at one moment, as written and as read aloud. Never changed."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("script_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    script_id: Mapped[int] = mapped_column(ForeignKey("script.id"))
    number: Mapped[int]
    """From 1."""
    title: Mapped[str]
    written: Mapped[str]
    """Paragraphs parted by blank lines, NFC."""
    spoken: Mapped[str]
    """The same paragraphs as they are said, a sentence a line."""
    spans: Mapped[list[Any]]
    """`Reading.spans` of each paragraph as plain lists, to show both texts side by side."""
    questions: Mapped[list[Any]]
    content_hash: Mapped[str] = mapped_column(index=True)
    """`domain.scripts.content_hash(title, written, spoken)`: what an approval is of."""
    syllables: Mapped[int]
    estimated_ms: Mapped[int]
    """Expected playing time, until a rendition tells the true one."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """None: it came with the service."""
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    script: Mapped[Script] = relationship(back_populates="revisions")
    author: Mapped[Account | None] = relationship()
    decisions: Mapped[list["Approval"]] = relationship(
        back_populates="revision",
        order_by="Approval.id",
        primaryjoin="and_(Revision.id == Approval.revision_id, Approval.verdict != 'approved-local')",
    )
    """What was decided about the revision itself, the oldest first; not about its local readings."""
    local_readings: Mapped[list["LocalReading"]] = relationship(
        back_populates="revision", order_by="LocalReading.id", cascade="all, delete-orphan"
    )


class Approval(Base):
    """One decision about one revision. A correction is a new row."""

    __tablename__ = "approval"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
    verdict: Mapped[str]
    """submitted, approved or returned; approved-local: of one local reading of the revision."""
    content_hash: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """None: approved as a sample shipped with the service."""
    reason: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime]

    revision: Mapped[Revision] = relationship(back_populates="decisions")
    account: Mapped[Account | None] = relationship()


class LocalReading(Base):
    """How a revision is said where it is said otherwise than at the Centre: in a region, or at one station.

    Never changed; the newest one of a region or station counts, once an approval covers it.
    """

    __tablename__ = "local_reading"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
    region: Mapped[str] = mapped_column(default="")
    """Whose region it is for; empty when it is for one station."""
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"), index=True)
    spoken: Mapped[str]
    """As `Revision.spoken`; equal to it when a place has come back to the common reading."""
    content_hash: Mapped[str]
    """`domain.scripts.content_hash(title, written, spoken)` with this spoken text."""
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    """The decision that covers it, with the same hash; None while it waits for one."""
    created_at: Mapped[datetime]

    revision: Mapped[Revision] = relationship(back_populates="local_readings")
    station: Mapped[Station | None] = relationship()
    approval: Mapped[Approval | None] = relationship()


class Hearing(Base):
    """Somebody listened to one paragraph of a revision from its first second to its last."""

    __tablename__ = "hearing"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    paragraph: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, as the page numbers them."""
    heard_at: Mapped[datetime]
