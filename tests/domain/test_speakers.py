import pytest

from broadcast_service.domain.speakers import cut_label, label_of, labels, part_turns

TALK = """Hỏi: Thưa bác, vườn bưởi có từ năm nào?
Đáp: Từ năm 2018, khi đất còn bạc màu.

Hỏi: Ai đã giúp bác?"""


def test_a_conversation_is_known_by_its_turns() -> None:
    assert labels(TALK) == ["Hỏi", "Đáp"]


@pytest.mark.parametrize(
    "text",
    [
        "Lưu ý: mang theo căn cước.",
        "Thời gian: 7 giờ.\nĐịa điểm: nhà văn hóa thôn.",
        "Bà con chú ý: hôm nay cắt điện.\nBà con chú ý: ngày mai có điện.",
        "Vào lúc 7 giờ: họp thôn.",
    ],
)
def test_notices_and_lists_are_no_conversation(text: str) -> None:
    assert labels(text) == []


def test_turns_become_paragraphs_and_a_second_time_nothing_moves() -> None:
    parted = part_turns(TALK, ["Hỏi", "Đáp"])
    assert parted.count("\n\n") == 2
    assert part_turns(parted, ["Hỏi", "Đáp"]) == parted


def test_the_label_of_a_known_speaker_is_cut_off_and_nothing_is_lost() -> None:
    paragraph = "Chị Lan: Tôi ghi chép từng vụ."
    label, said = cut_label(paragraph, ["Chị Lan"])
    assert (label, said) == ("Chị Lan: ", "Tôi ghi chép từng vụ.")
    assert label + said == paragraph
    assert cut_label(paragraph, ["Anh Ba"]) == ("", paragraph)


@pytest.mark.parametrize(
    "line", ["http://ninhhoa.gov.vn", "07:30 họp", "(Nhạc): dạo", "a: b", "Một câu dài quá năm tiếng rồi: thôi"]
)
def test_what_only_looks_like_a_label_is_none(line: str) -> None:
    assert label_of(line) == ""
