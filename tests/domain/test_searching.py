import pytest

from broadcast_service.domain.searching import mark_words, search_text, summary


def test_every_word_is_kept_folded_and_as_written() -> None:
    kept = search_text("Đường, làng", "DL-1")

    assert " duong lang dl 1 " in kept
    assert " đường làng dl 1 " in kept


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Con đường mới", "duong", ["đường"]),
        ("Xã Ninh Hòa", "ninh hoa", ["Ninh Hòa"]),
        ("Đường đi", "duo", []),
        ("Thi đua", "xa", []),
        ("<b>xã</b>", "xa b", ["b", "xã", "b"]),
    ],
)
def test_found_words_are_marked_and_nothing_is_lost(text: str, query: str, marked: list[str]) -> None:
    pieces = mark_words(text, query)

    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, is_hit in pieces if is_hit] == marked


def test_the_beginning_of_a_word_is_marked_when_that_was_asked() -> None:
    assert mark_words("Đường đi", "duo", whole=False) == [("Đườ", True), ("ng đi", False)]


def test_a_summary_shows_the_passage_that_was_found() -> None:
    text = "Mở đầu dài. " * 40 + "Ở đây có trồng bưởi da xanh. " + "Còn nữa. " * 40

    assert "bưởi" in summary(text, "buoi")
    assert summary(text).startswith("Mở đầu")
    assert len(summary(text, "buoi")) <= 175


def test_a_summary_leaves_the_greeting_out() -> None:
    assert summary("Thưa quý vị và bà con! Ở xã ấy có một vườn bưởi.") == "Ở xã ấy có một vườn bưởi."
    assert summary("Thưa quý vị và bà con!") == "Thưa quý vị và bà con!"
