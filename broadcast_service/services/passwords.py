"""Hashing and checking passwords. Slow on purpose: never call these inside a transaction."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.passwords import LONGEST, SHORTEST, weakness
from ..errors import Invalid
from ..storage.tables import Station, Unit

_HASHER = PasswordHasher()  # argon2id, 64 MiB, 3 rounds: the library's default, RFC 9106's second choice
_AT_ONCE = threading.Semaphore(4)  # twenty sign-ins in the same second would take 1.3 GB
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$U1uuTvpIWVCVdBmqgNq7rq1NlQ0TqtRcJsKwYyJr6jM"
"""A hash no password has: a name nobody bears takes as long to refuse as a wrong password."""

_SENTENCES = {
    "short": f"Mật khẩu cần ít nhất {SHORTEST} ký tự. Ghép vài từ dễ nhớ, không liên quan nhau, là đủ.",
    "long": f"Mật khẩu dài quá {LONGEST} ký tự. Hãy chọn ngắn hơn.",
    "common": "Mật khẩu này nằm trong số nhiều người dùng hoặc dễ đoán. Hãy ghép vài từ không liên quan nhau.",
    "context": "Mật khẩu này gần với tên tài khoản, tên đài hoặc tên địa phương nên dễ đoán. Hãy chọn từ khác.",
}


def hash_password(password: str) -> str:
    """argon2id in PHC form. Takes about a tenth of a second and 64 MiB; at most four run at once."""
    with _AT_ONCE:
        return _HASHER.hash(_typed(password))


def is_right(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash; an empty hash takes as long and says no."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(password_hash or _NOBODY, _typed(password)) and bool(password_hash)
        except (VerificationError, InvalidHashError):
            return False


def _typed(password: str) -> str:
    """The same whichever keyboard composed its marks; never longer than what may be a password."""
    return unicodedata.normalize("NFC", password[: LONGEST + 1])


def context_words(session: Session, *own: str) -> list[str]:
    """What an attacker would try first: the account's own names, and those of all units and stations."""
    names = [*session.scalars(select(Unit.name)), *session.scalars(select(Station.name))]
    return [word for word in (*own, *names) if word]


def require_strong(password: str, again: str, context: list[str]) -> None:
    """Raises Invalid, with a sentence for the field, when the password may not be used or was mistyped."""
    reason = weakness(password, context)
    if reason:
        raise Invalid(_SENTENCES[reason], field="password")
    if password != again:
        raise Invalid("Hai lần gõ mật khẩu chưa giống nhau. Gõ lại lần nữa.", field="again")
