import struct
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadcast_service.errors import Invalid
from broadcast_service.formats.bwf import Described, head

TOLD = Described(
    description="Người tốt, việc tốt: “Đường hoa”",
    originator="Trung tâm Văn hóa - Thông tin Ninh Hòa",
    reference="VNNH20261124-0001",
    made_at=datetime(2026, 11, 24, 5, 30, 1, tzinfo=UTC),
    starts_at_sample=48_000 * 5,
    coding_history="A=PCM,F=48000,W=24,M=mono",
    loudness_lufs=-23.0,
    range_lu=6.4,
    true_peak_dbtp=-8.25,
    loudest_momentary_lufs=-18.1,
)


def chunks(data: bytes) -> dict[bytes, bytes]:
    """By name, until the one of samples, of which there is only the head."""
    found, place = {}, 12
    while place < len(data):
        name, (size,) = data[place : place + 4], struct.unpack_from("<I", data, place + 4)
        found[name] = data[place + 8 : place + 8 + size] if name != b"data" else struct.pack("<I", size)
        place += 8 + (size + (size & 1) if name != b"data" else 0)
    return found


def test_the_chunk_has_every_field_at_its_place() -> None:
    bext = chunks(head(TOLD, sample_count=480, rate_hz=48_000, bits=24))[b"bext"]
    assert bext[:256].rstrip(b"\0") == b"Nguoi tot, viec tot: 'Duong hoa'"
    assert bext[256:288].rstrip(b"\0") == b"Trung tam Van hoa - Thong tin Ni"
    assert bext[288:320].rstrip(b"\0") == b"VNNH20261124-0001"
    assert bext[320:338] == b"2026-11-2405:30:01"
    assert struct.unpack_from("<QH", bext, 338) == (240_000, 2)
    assert struct.unpack_from("<5h", bext, 412) == (-2_300, 640, -825, -1_810, 0x7FFF)
    assert bext[602:] == b"A=PCM,F=48000,W=24,M=mono\r\n\0"


@pytest.mark.parametrize("samples", [0, 1, 480, 481])
def test_the_sizes_are_those_of_the_file(samples: int) -> None:
    front = head(TOLD, sample_count=samples, rate_hz=48_000, bits=24)
    found = chunks(front)
    assert struct.unpack("<I", found[b"data"])[0] == samples * 3
    assert struct.unpack("<HHIIHH", found[b"fmt "]) == (1, 1, 48_000, 144_000, 3, 24)
    assert struct.unpack_from("<I", front, 4)[0] == len(front) - 8 + samples * 3 + (samples * 3 & 1)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(Invalid, match="4 GB"):
        head(TOLD, sample_count=1_500_000_000, rate_hz=48_000, bits=24)


def test_each_step_of_the_coding_history_is_a_line_however_it_was_handed_in() -> None:
    for history in ("A=MPEG1L3\nA=PCM", "A=MPEG1L3\r\nA=PCM\r\n"):
        told = replace(TOLD, coding_history=history)
        bext = chunks(head(told, sample_count=480, rate_hz=48_000, bits=24))[b"bext"]
        assert bext[602:].rstrip(b"\0") == b"A=MPEG1L3\r\nA=PCM\r\n"
