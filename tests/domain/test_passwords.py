"""Passwords that are refused, and those that are not."""

import pytest

from broadcast_service.domain.passwords import LONGEST, weakness

AROUND = ["dai.hoatri", "Lê Văn Trí", "xã Hòa Trí", "phường Đông Ninh Hòa"]


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("88888888", "short"),
        ("12345678", "short"),
        ("mười một ký", "short"),
        ("888888888888", "common"),
        ("123456789012", "common"),
        ("0987654321098", "common"),
        ("qwertyuiop123", "common"),
        ("1qaz2wsx3edc", "common"),
        ("abcabcabcabc", "common"),
        ("Password12345!", "common"),
        ("P@ssw0rd2026!", "common"),
        ("MatKhau@12345", "common"),
        ("mật khẩu 2026", "common"),
        ("anhyeuem123456", "common"),
        ("Truyenthanh2026!", "common"),
        ("NinhHoa@2026ninhhoa", "common"),
        ("KhanhHoa-NhaTrang", "common"),
        ("dai.hoatri.2026", "common"),
        ("levantri-levantri", "context"),
        ("dong ninh hoa 2026", "common"),
        ("!@#$%^&*()_+", "common"),
        ("x" * (LONGEST + 1), "long"),
    ],
)
def test_what_is_easy_to_guess_is_refused(password: str, reason: str) -> None:
    assert weakness(password, AROUND) == reason


@pytest.mark.parametrize(
    "password",
    [
        "trâu cày ruộng sâu",
        "con kiến mà leo cành đa",
        "xe-dap-lua-tre-mua",
        "kT9$vq2Lm!xz",
        "bát canh chua cá lóc",
        "a" * 3 + "tre làng sau mưa" * 10,
        "gió đưa cành trúc la đà" * 3,
    ],
)
def test_a_few_words_of_ones_own_are_good_enough(password: str) -> None:
    assert weakness(password, AROUND) == ""
