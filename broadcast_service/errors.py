"""Every error this service raises on purpose.

`UserError` is for the person at the screen: Vietnamese, names the thing that is wrong and says
what to do next. `EngineError` is for the log: English, technical. All else is a bug.

A module of a room adds its own classes here, so that every sentence a person may read stands in one file.
"""

import math
from datetime import timedelta


class BroadcastError(Exception):
    """Base of all errors raised on purpose."""


class UserError(BroadcastError):
    """The person can put it right. `str(error)` is shown as it stands."""

    http_status = 400


class NotFound(UserError):
    """The thing does not exist, or is not for this account to know of."""

    http_status = 404

    def __init__(self, thing: str = "trang này") -> None:
        super().__init__(f"Không tìm thấy {thing}. Có thể địa chỉ đã đổi, xin quay lại trang trước.")


class Forbidden(UserError):
    """The account may not do this."""

    http_status = 403

    def __init__(
        self, sentence: str = "Tài khoản này không được làm việc ấy. Hãy nhờ người quản trị của Trung tâm."
    ) -> None:
        super().__init__(sentence)


class Conflict(UserError):
    """The thing is in a state in which this can not be done."""

    http_status = 409


class Invalid(UserError):
    """What was typed can not be taken. `field` names the input it belongs to, if one."""

    http_status = 422

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class TooManyTries(UserError):
    """Tried too often; `wait` says for how long to stop."""

    http_status = 429

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, math.ceil(wait / timedelta(minutes=1)))
        super().__init__(f"Đã thử quá nhiều lần. Hãy chờ {minutes} phút rồi thử lại.")
        self.wait = wait


class FileTooLarge(UserError):
    """More bytes than are taken at once."""

    http_status = 413

    def __init__(self, most_bytes: int) -> None:
        super().__init__(
            f"Tệp lớn hơn {most_bytes // 1_000_000} MB nên không nhận. Hãy xuất ra MP3, M4A hoặc FLAC rồi gửi lại."
        )


class NoSpace(UserError):
    """The disk is full or can not be written."""

    http_status = 507

    def __init__(self, folder: str) -> None:
        super().__init__(f"Không ghi được vào “{folder}”: đĩa đầy hoặc bị khóa. Hãy giải phóng chỗ trống rồi thử lại.")


class EngineError(BroadcastError):
    """A speech engine, an encoder or another tool failed. Its text is for the log.

    retryable: whether the same request may succeed later, and retry_after_s: when, if that is known. sentence: what
    happened and what to do, for a person.
    """

    def __init__(
        self, message: str, *, retryable: bool, sentence: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.sentence = sentence or (
            "Bộ phận giọng đọc, âm thanh đang trục trặc nên chưa làm được việc này. Hãy thử lại sau ít phút."
        )
