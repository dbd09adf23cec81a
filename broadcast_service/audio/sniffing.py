"""What a file that somebody hands in really is, told by its bytes; its name is never asked.

Only a few kilobytes at both ends are read, and nothing is parsed that could be made to explode.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import Invalid

LARGEST_BYTES = 400 << 20
"""45 minutes of a studio's WAV (48 kHz, 24 bit, stereo). Longer recordings are handed in as FLAC or MP3."""
LARGEST_TAG_BYTES = 8 << 20
"""A tag with a picture takes some hundred kilobytes."""
_MOST_TAGS = 8

_HEAD = 4_096
_PADDING = 64 << 10
_MP3_KBIT = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MP3_KBIT_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_MP3_LARGEST, _MP3_ROW = 1_441, 3
"""Bytes of the largest frame, and how many in a row are no chance."""
_MP3_HZ = (44_100, 48_000, 32_000)
_ZIP_END, _ZIP_END_BYTES = b"PK\x05\x06", 22
_ZIP_LISTS = (b"PK\x01\x02", b"PK\x06\x07")
"""Where the list of files begins, or in large archives the note that tells where."""
_ZIP64_LOCATOR_BYTES = 20
_ZIP_TAIL = 66 << 10
"""A record, the longest comment, and some bytes that unpackers overlook."""
_OGG_HEAD, _OGG_PAGE, _OGG_LAST = 27, 65_307, 4
"""Bytes before a page's table of segments, of the largest page, and the flag of a stream's last one."""
_UNKNOWN_LENGTH = 0x7FFF_0000
_SLACK = 64 << 10
_FIELD = "recording"

_MAGIC = (
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (4, b"ftyp", "mov"),
)
_STRANGERS = (
    (b"PK\x03\x04", "một tệp nén ZIP hoặc tệp Word, Excel"),
    (b"%PDF", "một tệp PDF"),
    (b"MZ", "một chương trình Windows"),
    (b"\x7fELF", "một chương trình máy tính"),
    (b"\xff\xd8\xff", "một tấm ảnh"),
    (b"\x89PNG", "một tấm ảnh"),
    (b"GIF8", "một tấm ảnh"),
    (b"Rar!", "một tệp nén RAR"),
    (b"7z\xbc\xaf", "một tệp nén 7z"),
    (b"\xd0\xcf\x11\xe0", "một tệp Word hoặc Excel cũ"),
    (b"<", "một trang web"),
)
_ACTIVE = (b"<script", b"<html", b"<?php", b"<svg", b"%pdf-")
"""What makes a file two things at once, if it stands where a tag or the first sound should."""


@dataclass(frozen=True)
class Sniffed:
    """A file that may be decoded."""

    format: str
    """The demuxer that is to read it, and no other: wav, mp3, aac, flac, ogg, mov, matroska."""
    offset: int
    """Bytes of tags to leave out at the beginning; they are never parsed."""
    is_open_ended: bool = False
    """Whether it stops without the mark of its end: part of it may be missing."""


def sniff(path: Path) -> Sniffed:
    """What kind of sound the file is. Raises Invalid with a sentence for whoever handed it in."""
    size = path.stat().st_size
    if size == 0:
        raise _refusal("Tệp này rỗng, không có byte nào. Hãy chọn lại tệp hoặc ghi âm lại.")
    if size > LARGEST_BYTES:
        raise _refusal(
            f"Tệp lớn hơn {LARGEST_BYTES >> 20} MB. Hãy xuất ra MP3 hoặc M4A, hoặc chia bản ghi thành nhiều phần."
        )
    with path.open("rb") as file:
        offset = _after_tags(file, size)
        if _format(_head(file, offset)) is None:
            offset = _late_mp3(file, offset, size) or offset
        file.seek(0)
        tag = file.read(min(offset, _PADDING + _HEAD)).lstrip(b"\0")[:_HEAD]
        head = _head(file, offset)
        found = _format(head)
        if found is None:
            raise _refusal(_what_it_is(head))
        if _is_also_a_zip(file, size):
            raise _refusal(
                "Tệp này vừa là âm thanh vừa là tệp nén ZIP nên không nhận. Hãy xuất lại từ phần mềm ghi âm."
            )
        is_cut_off, is_open_ended = _end_of_ogg(file, size) if found == "ogg" else (False, False)
    if any(mark in (tag + head).lower() for mark in _ACTIVE):
        raise _refusal("Trong tệp âm thanh này có giấu trang web hoặc tài liệu. Hãy xuất lại từ phần mềm ghi âm.")
    if is_cut_off or (found == "wav" and _is_cut_off(head, size - offset)):
        raise _refusal("Tệp bị cụt: phần sau của bản ghi chưa được tải lên. Hãy tải lên lại cả tệp.")
    return Sniffed(found, offset, is_open_ended)


def _late_mp3(file: BinaryIO, offset: int, size: int) -> int | None:
    """Where an MP3 begins behind zeros, as some editors leave them, and part of a frame, as cut streams have it.

    Nothing else is skipped but tags, and only where frames in a row follow: no other file can hide there.
    """
    file.seek(offset)
    zeros = _leading_zeros(file.read(_PADDING + 1))
    if zeros > _PADDING:
        return None
    start = _after_tags(file, size, offset + zeros)
    file.seek(start)
    data = file.read((1 + _MP3_ROW) * _MP3_LARGEST)
    place = next((place for place in range(_MP3_LARGEST) if _has_mp3_frames(data, place)), None)
    if place is None or _stranger(data) or any(mark in data[:place].lower() for mark in _ACTIVE):
        return None
    return start + place


def _has_mp3_frames(data: bytes, place: int) -> bool:
    """Whether frames of one kind follow each other from there."""
    kinds = set()
    for _ in range(_MP3_ROW):
        head = data[place : place + 4]
        length = _mp3_frame_bytes(head)
        if not length:
            return False
        kinds.add((head[1], head[2] & 0x0C))
        place += length
    return len(kinds) == 1


def _head(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(_HEAD)


def _leading_zeros(data: bytes) -> int:
    return len(data) - len(data.lstrip(b"\0"))


def _mp3_frame_bytes(head: bytes) -> int:
    """How long the frame of layer III is that begins like this (ISO 11172-3, 2.4.2.3; ISO 13818-3); 0: it is none."""
    if len(head) < 4 or _format(head) != "mp3" or head[1] >> 1 & 3 != 1:
        return 0
    version, rate = head[1] >> 3 & 3, head[2] >> 2 & 3
    is_first = version == 3
    bits = (_MP3_KBIT if is_first else _MP3_KBIT_LOW)[head[2] >> 4] * 1_000
    rate_hz = _MP3_HZ[rate] >> {3: 0, 2: 1, 0: 2}[version]
    return (144 if is_first else 72) * bits // rate_hz + (head[2] >> 1 & 1)


def _after_tags(file: BinaryIO, size: int, offset: int = 0) -> int:
    """Where the sound begins behind ID3v2 tags (id3.org, ID3v2.4 structure, 3.1), looked for from that place on."""
    for _ in range(_MOST_TAGS):
        file.seek(offset)
        head = file.read(10)
        if head[:3] != b"ID3" or len(head) < 10:
            return offset
        if any(byte & 0x80 for byte in head[6:10]):
            raise _refusal("Phần thông tin (ID3) ở đầu tệp bị hỏng. Hãy xuất lại tệp rồi tải lên.")
        length = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        offset += length + (10 if head[5] & 0x10 else 0)
        if offset > LARGEST_TAG_BYTES or offset >= size:
            break
    else:
        raise _refusal("Tệp có quá nhiều phần thông tin (ID3) chồng lên nhau. Hãy xuất lại tệp rồi tải lên.")
    if offset > size:
        raise _refusal(
            "Phần thông tin (ID3) ở đầu tệp bị hỏng: nó ghi là dài hơn cả tệp. Hãy xuất lại hoặc tải lên lại cả tệp."
        )
    if offset == size:
        raise _refusal("Tệp chỉ có phần thông tin (ID3), không có tiếng. Hãy chọn lại tệp.")
    raise _refusal("Phần thông tin (ID3) ở đầu tệp lớn bất thường. Hãy bỏ ảnh bìa, xuất lại tệp rồi tải lên.")


def _format(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return "wav"
    for offset, magic, name in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return name
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        layer = head[1] >> 1 & 3
        if layer == 0:
            return "aac" if head[1] & 0xF0 == 0xF0 else None
        is_whole = head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3 and head[1] >> 3 & 3 != 1
        return "mp3" if is_whole else None
    return None


def _is_cut_off(head: bytes, size: int) -> bool:
    """Whether a WAV's chunk of data says that it goes on behind the end; what streams write there says nothing."""
    place = 12
    while place + 8 <= len(head):
        (length,) = struct.unpack_from("<I", head, place + 4)
        if head[place : place + 4] == b"data":
            return bool(length < _UNKNOWN_LENGTH and place + 8 + length > size + _SLACK)
        place += 8 + length + (length & 1)
    return False


def _end_of_ogg(file: BinaryIO, size: int) -> tuple[bool, bool]:
    """Whether the last page (RFC 3533, 6) goes on behind the end, and whether it lacks the mark that it is the last."""
    length = min(size, 2 * _OGG_PAGE)
    file.seek(size - length)
    tail = file.read(length)
    place = tail.rfind(b"OggS")
    page = tail[place:] if place >= 0 else b""
    if len(page) < _OGG_HEAD or len(page) < _OGG_HEAD + page[26]:
        return True, True
    whole = _OGG_HEAD + page[26] + sum(page[_OGG_HEAD : _OGG_HEAD + page[26]])
    return len(page) < whole, not page[5] & _OGG_LAST


def _stranger(head: bytes) -> str:
    """What else begins like this; empty: nothing that is known."""
    return next((name for magic, name in _STRANGERS if head.lstrip().startswith(magic)), "")


def _what_it_is(head: bytes) -> str:
    if name := _stranger(head):
        return f"Đây là {name}, không phải bản ghi âm, dù tên tệp là gì. Hãy chọn tệp WAV, MP3, M4A, OGG hoặc FLAC."
    return "Không nhận ra đây là âm thanh. Hãy chọn tệp WAV, MP3, M4A, OGG, FLAC hoặc WebM."


def _is_also_a_zip(file: BinaryIO, size: int) -> bool:
    """Whether an end record of a ZIP (APPNOTE 4.3.16) stands in the tail, where unpackers look; whatever follows it."""
    length = min(size, _ZIP_TAIL)
    file.seek(size - length)
    tail = file.read(length)
    place = tail.rfind(_ZIP_END)
    while place >= 0:
        if _ends_a_zip(file, size - length + place, tail[place : place + _ZIP_END_BYTES], size):
            return True
        place = tail.rfind(_ZIP_END, 0, place)
    return False


def _ends_a_zip(file: BinaryIO, place: int, record: bytes, size: int) -> bool:
    """Whether the record at that place is no chance: its list of files is there, or its comment fills the rest."""
    if len(record) < _ZIP_END_BYTES:
        return False
    length, offset, comment = struct.unpack_from("<IIH", record, 12)
    lists = (place - length, offset, place - _ZIP64_LOCATOR_BYTES)
    return place + _ZIP_END_BYTES + comment == size or any(_reads(file, at) in _ZIP_LISTS for at in lists)


def _reads(file: BinaryIO, place: int) -> bytes:
    if place < 0:
        return b""
    file.seek(place)
    return file.read(4)


def _refusal(sentence: str) -> Invalid:
    return Invalid(sentence, field=_FIELD)
