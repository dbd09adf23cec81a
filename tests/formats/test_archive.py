"""ZIP archives laid out in advance."""

import io
import subprocess
import zipfile
import zlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast_service.domain.splice import BlobRange, Splice
from broadcast_service.errors import Invalid
from broadcast_service.formats.archive import LARGEST_BYTES, Crc32, Member, lay_out, measure

DAY = date(2026, 6, 11)
BLOBS = {"a": bytes(range(256)) * 500, "b": b"xyz" * 70_000}


def read_blob(blob: str, start: int, length: int) -> list[bytes]:
    return [BLOBS[blob][start : start + length]]


def member(name: str, *parts: bytes | BlobRange) -> Member:
    content = Splice(parts)
    return Member(name, content, measure(content, read_blob).crc32)


def bytes_of(archive: Splice) -> bytes:
    return b"".join(archive.read(read_blob))


def a_package() -> list[Member]:
    return [
        member("0530_DHTT.mp3", b"ID3", BlobRange("a", 0, 128_000), BlobRange("b", 3, 200_000)),
        member("TUNG_MUC/01_0530_DHTT_loi-chao.mp3", BlobRange("a", 5, 1_000)),
        member("rong.txt"),
        member("manifest.json", b"{}\n"),
    ]


def test_the_archive_opens_and_every_member_is_whole_and_in_order() -> None:
    with zipfile.ZipFile(io.BytesIO(bytes_of(lay_out(a_package(), day=DAY)))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [one.name for one in a_package()]
        assert archive.read("TUNG_MUC/01_0530_DHTT_loi-chao.mp3") == BLOBS["a"][5:1_005]
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.flag_bits == 0
            assert info.date_time == (2026, 6, 11, 0, 0, 0)


def test_unzip_finds_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "goi.zip"
    path.write_bytes(bytes_of(lay_out(a_package(), day=DAY)))
    try:
        answer = subprocess.run(["unzip", "-t", path], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("unzip is not installed")
    assert answer.returncode == 0, answer.stdout
    assert "No errors detected" in answer.stdout


def test_laid_out_twice_it_is_the_same_archive() -> None:
    first, second = lay_out(a_package(), day=DAY), lay_out(a_package(), day=DAY)
    assert first.etag == second.etag
    assert bytes_of(first) == bytes_of(second)


def test_an_empty_archive_opens_too() -> None:
    assert zipfile.ZipFile(io.BytesIO(bytes_of(lay_out([], day=DAY)))).namelist() == []


@pytest.mark.parametrize(
    "name",
    ["../a", "/a", "a/", "a\\b", "C:a", "con.mp3", "TUNG_MUC/nul", "đ.mp3", "a b.mp3", "a.", "-a", "a\n", "x" * 65, ""],
)
def test_a_name_that_some_system_can_not_write_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="called"):
        lay_out([member(name)], day=DAY)


def test_two_names_that_differ_in_case_only_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        lay_out([member("a.mp3"), member("A.mp3")], day=DAY)


def test_more_than_four_gigabytes_are_refused_in_plain_words() -> None:
    half = Splice([BlobRange("a", 0, LARGEST_BYTES // 2)])
    with pytest.raises(Invalid, match="4 GB"):
        lay_out([Member(f"{n}.mp3", half, 0) for n in range(3)], day=DAY)
    with pytest.raises(Invalid, match="4 GB"):
        lay_out([Member("a.mp3", Splice([BlobRange("a", 0, LARGEST_BYTES + 1)]), 0)], day=DAY)


@settings(max_examples=50, deadline=None)
@given(
    contents=st.lists(
        st.lists(
            st.binary(max_size=50)
            | st.builds(lambda s, n: BlobRange("a", s, n), st.integers(0, 900), st.integers(0, 900)),
            max_size=4,
        ),
        max_size=6,
    )
)
def test_any_files_come_out_as_they_went_in(contents: list[list[bytes | BlobRange]]) -> None:
    members = [member(f"{n}.bin", *parts) for n, parts in enumerate(contents)]
    archive = lay_out(members, day=DAY)
    whole = bytes_of(archive)
    assert len(whole) == archive.size
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        for one in members:
            assert opened.read(one.name) == bytes_of(one.content)
            assert zlib.crc32(bytes_of(one.content)) == opened.getinfo(one.name).CRC


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_the_sum_of_parts_put_together_is_the_sum_of_the_whole(parts: list[bytes]) -> None:
    whole = Crc32()
    for part in parts:
        whole = whole.then(Crc32.of(part))
    assert whole == Crc32.of(b"".join(parts))
    assert whole.value == zlib.crc32(b"".join(parts))
