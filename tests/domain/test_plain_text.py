import pytest

from broadcast_service.domain.plain_text import clean, clean_line, unseen_sign


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("a\x00b\x07c", "abc"),
        ("a\u200bb\ufeffc\u2060", "abc"),
        ("\u202eabc\u202c", "abc"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\u2029b", "a\n\nb"),
        ("a\u00a0 \t b", "a b"),
        ("a\n\n \n\nb", "a\n\nb"),
        ("đươ\u0300ng", "đường"),
        ("a\ud800b", "ab"),
        ("😀 vui", "😀 vui"),
    ],
)
def test_what_can_not_be_seen_or_heard_goes(pasted: str, kept: str) -> None:
    assert clean(pasted) == kept


def test_a_tower_of_marks_is_cut() -> None:
    assert len(clean("a" + "\u0301" * 100_000)) <= 5


def test_a_title_stands_on_one_line() -> None:
    assert clean_line("Một\n\nhai ") == "Một hai"


def test_an_unseen_sign_is_told_with_its_line() -> None:
    assert unseen_sign("một\nha\u200bi") == (2, "U+200B")
    assert unseen_sign("một\thai\r\n") is None
