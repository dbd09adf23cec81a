"""Accounts, what they may do, their sign-ins and the links that let them in the first time."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .places import Unit


class Account(Base):
    """A person who signs in."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    """What is typed to sign in: lower case, “bientap.lan”."""
    full_name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    """Position, as printed beside a signature."""
    password_hash: Mapped[str] = mapped_column(default="")
    """argon2id in PHC form; empty until the invitation is used."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    grants: Mapped[list["Grant"]] = relationship(
        back_populates="account", cascade="all, delete-orphan", lazy="selectin"
    )


class Grant(Base):
    """One role of one account, for one unit or, without a unit, for all."""

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("account_id", "role", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str]
    """A value of `domain.roles.Role`."""
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))

    account: Mapped[Account] = relationship(back_populates="grants")
    unit: Mapped[Unit | None] = relationship()


class SignIn(Base):
    """One signed-in browser. Deleting the row signs it out at once."""

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the 256-bit token in the cookie."""
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    remembered: Mapped[bool] = mapped_column(default=False)
    browser: Mapped[str] = mapped_column(default="")

    account: Mapped[Account] = relationship()


class Invitation(Base):
    """A one-time link by which a person sets name and password. Only its hash is kept."""

    __tablename__ = "invitation"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Whose password it sets; none: it makes the first administrator."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Throttle(Base):
    """A token bucket: how many more tries a key (an address, an account) has."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    updated_at: Mapped[datetime]
