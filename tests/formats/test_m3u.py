"""Playlists that every player reads."""

import pytest

from broadcast_service.domain.units import Milliseconds
from broadcast_service.formats.m3u import Entry, m3u, m3u8, plain


def entry(title: str = "Vườn bưởi", path: str = "TUNG_MUC/01_0530_DHTT_vuon-buoi.mp3", ms: int = 258_001) -> Entry:
    return Entry(path, title, Milliseconds(ms))


def test_a_playlist_in_utf8_names_each_file_with_whole_seconds_rounded_up() -> None:
    assert m3u8([entry(), entry(ms=3_000)]).decode() == (
        "#EXTM3U\r\n"
        "#EXTINF:259,Vườn bưởi\r\nTUNG_MUC/01_0530_DHTT_vuon-buoi.mp3\r\n"
        "#EXTINF:3,Vườn bưởi\r\nTUNG_MUC/01_0530_DHTT_vuon-buoi.mp3\r\n"
    )


def test_the_plain_playlist_is_ascii_and_keeps_capitals() -> None:
    assert b"#EXTINF:259,Duong Ninh Hoa - 'dep'...\r\n" in m3u([entry("Đường Ninh Hòa – “đẹp”…")])


def test_letters_typed_with_loose_marks_are_composed() -> None:
    assert "Tiếng".encode() in m3u8([entry("Tiếng")])
    assert plain("Tiếng Đức") == "Tieng Duc"


@pytest.mark.parametrize("nasty", ["một\r\n#EXTINF:0,hai", "một\nhai", "một\u2028hai", 'một "hai"', "một\0hai"])
def test_a_title_can_not_break_out_of_its_line(nasty: str) -> None:
    lines = m3u8([entry(nasty)]).decode().split("\r\n")
    assert len(lines) == 4
    assert lines[1].startswith("#EXTINF:259,một")
    assert not {"\n", "\r", "\u2028", '"', "\0"} & set(lines[1])


@pytest.mark.parametrize("path", ["../a.mp3", "a/../b.mp3", "a\\b.mp3", "/a.mp3", "a b.mp3", "đ.mp3", "", "a\r\nb.mp3"])
def test_a_path_that_players_trip_over_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        m3u8([entry(path=path)])


def test_an_address_may_stand_for_a_path() -> None:
    assert b"\r\nhttp://127.0.0.1:8080/take/abc.def/0530_DHTT.mp3\r\n" in m3u8(
        [entry(path="http://127.0.0.1:8080/take/abc.def/0530_DHTT.mp3")]
    )
