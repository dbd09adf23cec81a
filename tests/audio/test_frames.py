import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast_service.audio.frames import FormatError, count, main_data_begin, offsets
from broadcast_service.audio.programme import head
from tests.audio.sounds import pieces


def test_every_frame_is_found() -> None:
    frames = pieces()[0].frames
    starts = offsets(frames)
    assert len(starts) == count(frames) == pieces()[0].frame_count
    assert starts[0] == 0
    lengths = {b - a for a, b in zip(starts, [*starts[1:], len(frames)], strict=True)}
    assert lengths == {208, 209}


def test_frames_take_sixty_four_kilobits_a_second() -> None:
    frames = pieces()[0].frames
    assert len(frames) == pytest.approx(count(frames) * 1_152 / 44_100 * 8_000, abs=1.5)


def test_pieces_laid_end_to_end_are_frames_again() -> None:
    assert count(b"".join(piece.frames for piece in pieces())) == sum(piece.frame_count for piece in pieces())


def test_nothing_is_no_frames() -> None:
    assert count(b"") == 0


def test_the_first_frame_of_a_piece_leans_on_nothing_before_it() -> None:
    assert [main_data_begin(piece.frames) for piece in pieces()] == [0] * len(pieces())


def test_how_far_a_frame_leans_back_is_read_from_its_side_information() -> None:
    frame = bytes.fromhex("fffb50c4") + bytes([0b10000001, 0b10000000]) + bytes(202)
    assert main_data_begin(frame) == 0b100000011


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("fffb90c4", "128 kbit/s"),
        ("fffb54c4", "48 kHz"),
        ("fffb5044", "joint stereo"),
        ("fff350c4", "MPEG-2"),
        ("fffa50c4", "with CRC"),
        ("fffd50c4", "layer II"),
        ("49443303", "a tag"),
        ("52494646", "a WAV"),
        ("00000000", "nothing"),
    ],
)
def test_another_format_is_refused(header: str, what: str) -> None:
    with pytest.raises(FormatError, match="byte 0"):
        offsets(bytes.fromhex(header) + bytes(500))


def test_a_foreign_frame_in_the_middle_is_refused_with_its_place() -> None:
    frames = bytearray(pieces()[3].frames)
    place = offsets(bytes(frames))[10]
    frames[place + 2] = 0x90
    with pytest.raises(FormatError, match=f"byte {place}:"):
        offsets(bytes(frames))


@pytest.mark.parametrize("cut", [1, 3, 4, 100, 207])
def test_a_cut_off_frame_is_refused(cut: int) -> None:
    with pytest.raises(FormatError):
        offsets(pieces()[3].frames[:-cut])


def test_an_info_frame_is_refused() -> None:
    info = head(10, title="")
    with pytest.raises(FormatError, match="Info"):
        offsets(info[info.index(b"\xff\xfb") :])


@given(st.binary(max_size=600))
def test_any_bytes_are_walked_or_refused(data: bytes) -> None:
    try:
        starts = offsets(data)
    except FormatError:
        return
    assert starts == sorted(set(starts))
