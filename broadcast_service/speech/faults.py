"""What can go wrong with a voice, and the sentence a person reads about it."""

from enum import Enum

from ..errors import EngineError


class Fault(Enum):
    """(whether trying later may help, the sentence)."""

    NOTHING_TO_SAY = (False, "Không có chữ nào để đọc. Hãy ghi lời đọc.")
    TOO_LONG = (False, "Đoạn này dài quá {most} ký tự nên không giọng nào đọc một lần được. Hãy ngắt thành nhiều đoạn.")
    NO_SOUND = (False, "Giọng đọc không phát ra tiếng nào cho câu này. Hãy sửa lời đọc hoặc chọn giọng khác.")
    DIED = (True, "Bộ đọc dừng giữa chừng và đã được mở lại; đoạn đang đọc chưa được thu. Hãy thu lại.")
    DID_NOT_START = (True, "Không mở được bộ đọc trên máy này. Hãy kiểm tra bộ nhớ còn trống rồi thu lại.")
    REFUSED = (
        False,
        "Bộ đọc trên máy này không nhận giọng hoặc câu này. Hãy cài lại chương trình hoặc chọn giọng khác.",
    )

    MODEL_DAMAGED = (
        False,
        "Tệp mẫu giọng bị hỏng hoặc chép dở. Hãy gỡ giọng này (voices remove) rồi cài lại từ tệp nguyên vẹn.",
    )

    OFFLINE = (True, "Không nối được tới Google. Hãy kiểm tra mạng, hoặc dùng giọng có sẵn trong máy.")
    NO_ANSWER = (True, "Google không trả lời trong thời gian chờ. Hãy thử lại sau, hoặc dùng giọng có sẵn trong máy.")
    INTERCEPTED = (
        True,
        "Chứng chỉ của Google không đúng: đường mạng này có thể bị chen vào giữa, nên lời đọc không được gửi đi. "
        "Hãy kiểm tra ngày giờ của máy và đổi mạng khác.",
    )
    PORTAL = (
        True,
        "Mạng này đòi đăng nhập hoặc trả về trang khác thay cho tiếng nói. "
        "Hãy mở trình duyệt để đăng nhập mạng, rồi thử lại.",
    )
    TOO_MANY = (
        True,
        "Google báo đã nhận quá nhiều yêu cầu từ đây. Hãy chờ, hoặc dùng giọng có sẵn trong máy.",
    )
    FORBIDDEN = (True, "Google từ chối yêu cầu từ máy này. Hãy dùng giọng có sẵn trong máy.")
    FAR_END_BROKEN = (True, "Máy chủ của Google đang gặp sự cố. Hãy thử lại sau, hoặc dùng giọng có sẵn trong máy.")
    EMPTY = (True, "Google trả lời nhưng không có tiếng nói. Hãy thử lại sau, hoặc dùng giọng có sẵn trong máy.")
    TRUNCATED = (True, "Tiếng nói Google gửi về bị cụt nên đã bỏ. Hãy thu lại, hoặc dùng giọng có sẵn trong máy.")
    GARBLED = (True, "Google gửi về dữ liệu không phải tiếng nói. Hãy thử lại sau, hoặc dùng giọng có sẵn trong máy.")
    RESTING = (True, "Giọng Google đang tạm nghỉ. {why}")

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.value[0]

    @property
    def sentence(self) -> str:
        """Vietnamese; some have names in braces to be filled in."""
        return self.value[1]


class VoiceError(EngineError):
    """A voice could not speak. `fault` says how, the text is for the log, `sentence` for a person."""

    def __init__(self, fault: Fault, detail: str, *, retry_after_s: float | None = None, **names: object) -> None:
        super().__init__(
            detail, retryable=fault.retryable, sentence=fault.sentence.format(**names), retry_after_s=retry_after_s
        )
        self.fault = fault
