"""The run sheet that is printed, ticked and signed."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from broadcast_service.domain.units import Milliseconds
from broadcast_service.formats.run_sheet import SheetBroadcast, SheetItem, length, run_sheet, style_source

START = datetime(2026, 6, 11, 5, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def make(title: str = "Vườn bưởi trên đất bạc màu") -> str:
    item = SheetItem(
        starts_at=START + timedelta(seconds=75),
        title=title,
        length_ms=Milliseconds(258_400),
        is_music=False,
        approval="Bản 3, Nguyễn Thị Hoa duyệt 2/6/2026",
    )
    broadcast = SheetBroadcast(
        starts_at=START,
        ends_at=START + timedelta(seconds=895),
        programme="Điển hình tiên tiến",
        length_ms=Milliseconds(895_000),
        file="0530_DHTT.mp3",
        items=[item],
    )
    page = run_sheet(
        station="Đài truyền thanh xã Hòa Trí",
        local_date=date(2026, 6, 11),
        number=2,
        content_hash="0123456789abcdef" * 4,
        centre="Trung tâm Ninh Hòa",
        broadcasts=[broadcast],
    )
    return page.decode()


def test_it_shows_hours_items_lengths_boxes_and_two_places_to_sign() -> None:
    page = make()
    for words in (
        "Thứ Năm, ngày 11/6/2026",
        "05:30",
        "05:31:15",
        "4:18",
        "14:55",
        "0530_DHTT.mp3",
        "Mã gói 0123456789ab<",
    ):
        assert words in page
    for words in ("Đã phát", "Không phát", "Người phát", "Lãnh đạo đơn vị", "Gói phát thanh số 2"):
        assert words in page


def test_a_title_can_not_put_markup_into_the_page() -> None:
    page = make("<script>alert(1)</script> & “bưởi”")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “bưởi”" in page


def test_it_needs_nothing_from_elsewhere() -> None:
    assert not re.search(r"""(src|href)\s*=|url\(|@import|https?:|style="|<script""", make())


def test_its_style_can_be_allowed_by_hash() -> None:
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", style_source(make().encode()))


def test_lengths_are_minutes_and_seconds() -> None:
    assert [length(ms) for ms in (0, 499, 59_999, 895_000, 3_600_000)] == ["0:00", "0:00", "1:00", "14:55", "60:00"]
