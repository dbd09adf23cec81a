"""Nothing goes out that anybody would hear to be wrong; each finding tells its place."""

import functools

import numpy as np
import pytest

from broadcast_service.audio.checks import Finding, check, programme_lufs
from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.frames import offsets
from broadcast_service.audio.mastering import decode, encode
from broadcast_service.audio.profiles import STUDIO
from broadcast_service.domain.units import SAMPLES_PER_FRAME
from tests.audio.sounds import pieces, sine, spoken


@functools.cache
def good() -> tuple[bytes, ...]:
    return tuple(piece.frames for piece in pieces())


@functools.cache
def lengths() -> tuple[int, ...]:
    return tuple(sound.length_ms for sound in spoken())


def starts_ms() -> list[float]:
    frames = [piece.frame_count for piece in pieces()]
    return [sum(frames[:number]) * SAMPLES_PER_FRAME / 44.1 for number in range(len(frames) + 1)]


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def with_silence(seconds: float, *, after: int) -> list[bytes]:
    silence = encode(np.zeros(round(44_100 * seconds), dtype=np.float32))
    return [*good()[:after], silence, *good()[after:]]


def test_good_sound_has_no_findings() -> None:
    assert check(good(), expected_ms=lengths()) == []


def test_nothing_at_all_has_no_findings() -> None:
    assert check([]) == []


def test_a_missing_piece_blocks_at_its_place() -> None:
    found = only(check([good()[0], None, good()[2]], expected_ms=lengths()))
    assert (found.kind, found.blocks) == ("missing", True)
    assert found.at_ms == pytest.approx(starts_ms()[1], abs=1)
    assert found.until_ms - found.at_ms == pytest.approx(lengths()[1], abs=2)
    assert "Đoạn 2" in found.sentence


@pytest.mark.parametrize("data", [b"RIFF....WAVE", b"\xff\xfb\x90\xc4" + bytes(600), b"ID3\x03" + bytes(300)])
def test_another_format_blocks(data: bytes) -> None:
    found = only(check([data]))
    assert (found.kind, found.blocks) == ("format", True)


def test_a_piece_cut_within_a_frame_blocks() -> None:
    assert only(check([good()[0][:-30]])).kind == "format"


def test_frames_that_do_not_decode_block() -> None:
    broken = bytearray(good()[0])
    for start in offsets(good()[0])[5:40]:
        broken[start + 4 : start + 200] = b"\xff" * 196
    kinds = {finding.kind for finding in check([bytes(broken)]) if finding.blocks}
    assert kinds & {"decode", "level", "peak", "clipping"}


@pytest.mark.parametrize(("seconds", "is_found"), [(0.8, False), (1.6, True), (5.0, True)])
def test_silence_over_two_seconds_is_found_across_pieces(seconds: float, is_found: bool) -> None:
    """The pause of 0.7 s after the paragraph counts with it."""
    found = [finding for finding in check(with_silence(seconds, after=1)) if finding.kind == "silence"]
    assert bool(found) == is_found
    if is_found:
        assert found[0].at_ms == pytest.approx(starts_ms()[1] - 700, abs=120)
        assert found[0].until_ms - found[0].at_ms == pytest.approx(seconds * 1_000 + 700, abs=200)
        assert found[0].blocks


def test_silence_at_the_very_end_is_found() -> None:
    assert "silence" in {finding.kind for finding in check(with_silence(3, after=4))}


def test_clipping_is_found_at_its_place() -> None:
    loud = sine(300, 6, dbfs=-12)
    loud[100_000:104_000] = np.sign(loud[100_000:104_000])
    found = [finding for finding in check([encode(loud)]) if finding.kind == "clipping"]
    assert found
    assert all(finding.blocks for finding in found)
    assert found[0].at_ms == pytest.approx(100_000 / 44.1, abs=100)
    assert "phút 0:02" in found[0].sentence


def scaled(decibels: float) -> bytes:
    decoded: Samples = decode(good()[0])
    return encode(decoded * np.float32(10 ** (decibels / 20)))


def test_a_level_off_by_two_units_blocks_and_tells_which_way() -> None:
    found = [finding for finding in check([scaled(-3)]) if finding.kind == "level"]
    assert only(found).blocks
    assert "nhỏ hơn" in found[0].sentence
    assert "to hơn" in [f for f in check([scaled(2)]) if f.kind == "level"][0].sentence  # noqa: RUF015
    assert "peak" in {finding.kind for finding in check([scaled(3)])}


def test_the_level_is_that_of_the_profile() -> None:
    assert {finding.kind for finding in check([good()[0]], profile=STUDIO)} == {"level"}


@pytest.mark.parametrize(("factor", "blocks"), [(1.2, False), (1.5, True), (0.6, True)])
def test_a_length_far_from_its_estimate_is_told(factor: float, blocks: bool) -> None:
    found = only(check([good()[0]], expected_ms=[round(lengths()[0] * factor)]))
    assert (found.kind, found.blocks) == ("length", blocks)


def test_music_without_an_estimate_is_not_measured_against_one() -> None:
    assert check([good()[0]], expected_ms=[None]) == []


def test_a_whole_programme_has_the_loudness_of_its_pieces() -> None:
    assert programme_lufs(good()) == pytest.approx(-16.0, abs=0.5)
    assert programme_lufs([]) == float("-inf")
