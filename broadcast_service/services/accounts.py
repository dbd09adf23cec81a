"""Accounts: who may sign in, what for, and the one-time links by which passwords are set.

Nothing here hashes: the door hashes first and opens its transaction after (`passwords`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from ..domain.roles import Role
from ..errors import Conflict, Invalid, NotFound
from ..storage.tables import Account, Grant, Invitation, Unit
from . import sign_ins
from .visitors import Visitor, visitor_of

__all__ = ["Visitor", "visitor_of"]

LINK_LIFE = timedelta(hours=24)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")

Grants = Sequence[tuple[Role, int | None]]
"""Pairs of role and unit; only OPERATOR has a unit, and needs one."""


class LinkSpent(NotFound):
    """An invitation that is unknown, used, too old, or no longer needed."""

    def __init__(self) -> None:
        super().__init__("liên kết này")
        self.args = (
            "Liên kết này đã dùng, đã quá 24 giờ hoặc không còn cần nữa. "
            "Hãy xin người quản trị một liên kết mới, hoặc đăng nhập nếu đã có mật khẩu.",
        )


def list_accounts(session: Session) -> Sequence[Account]:
    """All accounts by name, disabled ones last, with their grants and units."""
    return session.scalars(
        select(Account)
        .options(selectinload(Account.grants).joinedload(Grant.unit))
        .order_by(Account.active.desc(), Account.name)
    ).all()


def by_name(session: Session, name: str) -> Account | None:
    """The account of that name, however it is capitalised."""
    return session.scalar(select(Account).where(Account.name == name.strip().lower()))


def get_account(session: Session, account_id: int) -> Account:
    """The account. Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("tài khoản này")
    return account


def has_admin(session: Session) -> bool:
    """Whether an administrator exists who could sign in."""
    return any(_working_admins(session))


def vacant_roles(session: Session) -> list[Role]:
    """Roles that no account in use holds, in the order of `Role`."""
    held = set(session.scalars(select(Grant.role).join(Account).where(Account.active)))
    return [role for role in Role if role not in held]


def create_account(
    session: Session, *, name: str, full_name: str, title: str, grants: Grants, now: datetime
) -> Account:
    """A new account without a password: `invite` makes the link that sets one.

    Raises Invalid for a name that is taken or oddly spelt, an empty full name, no role, an operator without unit.
    """
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise Invalid(
            "Tên đăng nhập gồm 3 đến 32 chữ thường không dấu, chữ số, dấu chấm hoặc gạch, như “dai.hoatri”.",
            field="name",
        )
    if by_name(session, name) is not None:
        raise Invalid(f"Đã có tài khoản tên “{name}”. Hãy chọn tên khác.", field="name")
    wanted = _checked(session, grants)
    account = Account(name=name, full_name=_full_name(full_name), title=title.strip()[:120], created_at=now)
    account.grants = [Grant(role=role, unit_id=unit_id) for role, unit_id in wanted]
    session.add(account)
    session.flush()
    return account


def change_account(session: Session, account_id: int, *, full_name: str, title: str, grants: Grants) -> Account:
    """Change what the account is called and may do; what it may do counts from its next click.

    Raises NotFound, Invalid as `create_account` does, Conflict when no administrator would be left.
    """
    account = get_account(session, account_id)
    if Role.ADMIN not in {role for role, _ in grants}:
        _keep_an_admin(session, account)
    wanted, account.full_name = _checked(session, grants), _full_name(full_name)
    account.title = title.strip()[:120]
    kept = {(Role(grant.role), grant.unit_id): grant for grant in account.grants}
    account.grants = [kept.get((role, unit_id)) or Grant(role=role, unit_id=unit_id) for role, unit_id in wanted]
    session.flush()
    return account


def set_active(session: Session, account_id: int, *, active: bool) -> Account:
    """Let an account in or keep it out; keeping it out ends its sign-ins and links at once.

    Raises NotFound, Conflict for the last administrator.
    """
    account = get_account(session, account_id)
    if not active:
        _keep_an_admin(session, account)
        sign_ins.close_all(session, account_id)
        session.execute(delete(Invitation).where(Invitation.account_id == account_id, Invitation.used_at.is_(None)))
    account.active = active
    session.flush()
    return account


def set_password(session: Session, account_id: int, password_hash: str, *, keep_sign_in: str | None = None) -> None:
    """Set the password and end every sign-in of the account, but for the one named by its hash."""
    get_account(session, account_id).password_hash = password_hash
    sign_ins.close_all(session, account_id, except_hash=keep_sign_in)
    session.flush()


def invite(session: Session, account_id: int | None, *, now: datetime) -> str:
    """The token of a new one-time link, good for 24 hours; earlier links for the same are void.

    account_id: whose password it sets; None: it makes the first administrator. Raises Conflict for None
    when there is an administrator already, or for a disabled account.
    """
    if account_id is None and has_admin(session):
        raise Conflict("Đã có người quản trị. Người ấy thêm tài khoản ở trang Quản trị.")
    if account_id is not None and not get_account(session, account_id).active:
        raise Conflict("Tài khoản này đang khóa. Hãy mở khóa trước khi gửi liên kết.")
    session.execute(
        delete(Invitation).where(Invitation.account_id.is_not_distinct_from(account_id), Invitation.used_at.is_(None))
    )
    token = sign_ins.new_token()
    session.add(
        Invitation(
            token_hash=sign_ins.hash_token(token), account_id=account_id, created_at=now, expires_at=now + LINK_LIFE
        )
    )
    session.flush()
    return token


@dataclass(frozen=True)
class Invited:
    """Whom a link is for: an account, or None for the first administrator."""

    account: Account | None


def read_link(session: Session, token: str, *, now: datetime) -> Invited:
    """Whom this link is for. Raises LinkSpent."""
    return Invited(_open_link(session, token, now)[1])


def found_administrator(
    session: Session, token: str, *, name: str, full_name: str, password_hash: str, now: datetime
) -> Account:
    """Use the first link: the first administrator. Raises LinkSpent, Invalid as `create_account` does."""
    link, account = _open_link(session, token, now)
    if account is not None:
        raise LinkSpent
    link.used_at = now
    account = create_account(session, name=name, full_name=full_name, title="", grants=[(Role.ADMIN, None)], now=now)
    account.password_hash = password_hash
    session.flush()
    return account


def accept_link(session: Session, token: str, *, password_hash: str, now: datetime) -> Account:
    """Use an account's link: set its password and end its sign-ins. Raises LinkSpent."""
    link, account = _open_link(session, token, now)
    if account is None:
        raise LinkSpent
    link.used_at = now
    set_password(session, account.id, password_hash)
    return account


def _open_link(session: Session, token: str, now: datetime) -> tuple[Invitation, Account | None]:
    link = session.get(Invitation, sign_ins.hash_token(token))
    if link is None or link.used_at is not None or now >= link.expires_at:
        raise LinkSpent
    if link.account_id is None:
        if has_admin(session):
            raise LinkSpent
        return link, None
    account = session.get(Account, link.account_id)
    if account is None or not account.active:
        raise LinkSpent
    return link, account


def _full_name(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > 120:
        raise Invalid("Hãy ghi họ và tên, tối đa 120 ký tự.", field="full_name")
    return text


def _checked(session: Session, grants: Grants) -> list[tuple[Role, int | None]]:
    """The grants in a lasting order, each once. Raises Invalid when they make no sense."""
    if not grants:
        raise Invalid("Hãy chọn ít nhất một vai trò.", field="roles")
    for role, unit_id in grants:
        if role is Role.OPERATOR and (unit_id is None or session.get(Unit, unit_id) is None):
            raise Invalid("Cán bộ đài cần thuộc một xã, phường. Hãy chọn đơn vị.", field="unit")
        if role is not Role.OPERATOR and unit_id is not None:
            raise Invalid("Chỉ vai trò cán bộ đài mới gắn với một đơn vị.", field="roles")
    return sorted(set(grants), key=str)


def _working_admins(session: Session) -> list[int]:
    """Accounts that could sign in as administrator."""
    return list(
        session.scalars(
            select(Account.id)
            .join(Grant, Grant.account_id == Account.id)
            .where(Grant.role == Role.ADMIN, Account.active, Account.password_hash != "")
            .distinct()
        )
    )


def _keep_an_admin(session: Session, account: Account) -> None:
    if _working_admins(session) == [account.id]:
        raise Conflict(
            f"“{account.full_name}” là người quản trị duy nhất. Hãy giao vai trò quản trị cho một người khác trước."
        )
