"""The manifest of a package."""

import hashlib
import json
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadcast_service.domain.units import Milliseconds, Seconds
from broadcast_service.formats.manifest import BroadcastLine, FileLine, ItemLine, canonical, manifest, sums


def make(**changes: object) -> bytes:
    item = ItemLine(
        title="Vườn bưởi",
        kind="script",
        script="vuon-buoi",
        revision=3,
        content_hash="c" * 64,
        approved_by="Nguyễn Thị Hoa",
        approved_at="2026-06-02T09:00:00+07:00",
        file="TUNG_MUC/01_0530_DHTT_vuon-buoi.mp3",
        sha256="a" * 64,
        duration_ms=Milliseconds(258_000),
    )
    broadcast = BroadcastLine(
        starts_at="2026-06-11T05:30:00+07:00",
        programme="Điển hình tiên tiến",
        length_s=Seconds(900),
        profile="loa",
        duration_ms=Milliseconds(258_000),
        file="0530_DHTT.mp3",
        items=[item],
    )
    line = FileLine(name="0530_DHTT.mp3", bytes=5, sha256="b" * 64, duration_ms=Milliseconds(258_000))
    facts = {
        "station_code": "hoa-tri",
        "station_name": "Đài truyền thanh xã Hòa Trí",
        "local_date": date(2026, 6, 11),
        "number": 1,
        "made_at": datetime(2026, 6, 10, 14, 0, tzinfo=UTC),
        "content_hash": "d" * 64,
        "files": [line],
        "broadcasts": [broadcast],
    }
    return manifest(**(facts | changes))  # type: ignore[arg-type]


def test_it_tells_what_is_played_when_and_who_approved_it() -> None:
    told = json.loads(make())
    assert told["station"] == {"code": "hoa-tri", "name": "Đài truyền thanh xã Hòa Trí"}
    assert told["broadcasts"][0]["starts_at"] == "2026-06-11T05:30:00+07:00"
    assert told["broadcasts"][0]["items"][0]["approved_by"] == "Nguyễn Thị Hoa"
    assert told["files"][0]["sha256"] == "b" * 64


def test_the_same_content_has_the_same_bytes_in_one_canonical_form() -> None:
    assert make() == make()
    assert make() == canonical(json.loads(make()))
    assert "Vườn bưởi".encode() in make()
    assert b'": ' not in make()


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        make(made_at=datetime(2026, 6, 10, 14, 0))  # noqa: DTZ001


def test_the_list_of_sums_is_what_sha256sum_checks(tmp_path: Path) -> None:
    (tmp_path / "TUNG_MUC").mkdir()
    (tmp_path / "TUNG_MUC" / "01.mp3").write_bytes(b"sound")
    (tmp_path / "SHA256SUMS").write_bytes(sums([("TUNG_MUC/01.mp3", hashlib.sha256(b"sound").hexdigest())]))
    try:
        answer = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("sha256sum is not installed")
    assert answer.stdout == "TUNG_MUC/01.mp3: OK\n"
