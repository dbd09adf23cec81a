"""The operator's pages. It is Tuesday 24 November 2026, 03:00; broadcasts at 05:30 and 17:00."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from flask.testing import FlaskClient
from markupsafe import Markup
from sqlalchemy import select, update

from broadcast_service.services import packages, station_days
from broadcast_service.storage.tables import AsRunEntry, Broadcast, Rendition, Script, SignIn, Station, Unit
from broadcast_service.studio import Studio
from broadcast_service.web.guide import GUIDE, to_html
from tests.conftest import StoppedClock
from tests.days import DAY, Day, plan_day, speak_all
from tests.web.conftest import Person

HERE = "/station/hoa-tri"


@pytest.fixture
def day(studio: Studio) -> Day:
    day = plan_day(studio)
    speak_all(studio)
    packages.make_package(studio, day.code, DAY)
    return day


@pytest.fixture
def unit(studio: Studio, day: Day) -> Unit:
    with studio.database.reading() as session:
        return session.get_one(Unit, session.get_one(Station, day.station_id).unit_id)


@pytest.fixture
def operator(studio: Studio, unit: Unit, seat: Callable[..., Person]) -> FlaskClient:
    browser = seat("operator", unit=unit, full_name="Trần Văn Nam").client
    with studio.database.transaction() as session:  # on a machine that is remembered, for the tests that take days
        far = studio.now() + timedelta(days=30)
        session.execute(update(SignIn).values(idle_until=far, expires_at=far))
    return browser


def text(browser: FlaskClient, address: str = HERE) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def card(page: str) -> str:
    """The dark card of the next broadcast."""
    return page.split('<section class="next"')[1].split("</section>")[0]


def say(browser: FlaskClient, broadcast_id: int, **form: str) -> int:
    return browser.post(f"{HERE}/broadcasts/{broadcast_id}/report", data=form).status_code


def entries(studio: Studio) -> list[tuple[int, str, str]]:
    with studio.database.reading() as session:
        found = session.scalars(select(AsRunEntry).order_by(AsRunEntry.id))
        return [(entry.broadcast_id, entry.outcome, entry.reason) for entry in found]


def test_the_next_broadcast_comes_first_with_its_hour_its_wait_and_three_downloads(
    operator: FlaskClient, clock: StoppedClock
) -> None:
    clock.forward(minutes=105)
    shown = card(text(operator))
    for words in (
        "05:30",
        "còn 45 phút",
        "Điển hình tiên tiến",
        "Thứ Ba, 24/11",
        "Có bài “Vườn bưởi",
        "MP3",
        "ZIP",
        "M3U8",
    ):
        assert words in shown
    assert 'class="bars"' in shown
    assert "<audio" in shown
    assert "listen=1" in shown


def test_a_download_turns_the_tile_into_when_it_came(
    operator: FlaskClient, clock: StoppedClock, studio: Studio
) -> None:
    clock.forward(minutes=101)
    address = card(text(operator)).split('class="take" href="')[1].split('"')[0]
    assert len(operator.get(address).data) > 10_000
    shown = card(text(operator))
    assert 'class="take have"' in shown
    assert "Đã tải 04:41" in shown


@pytest.mark.parametrize(
    ("forward", "words"),
    [
        ({"minutes": 0}, "còn 2 giờ 30 phút"),
        ({"minutes": 30}, "còn 2 giờ</span>"),
        ({"minutes": 149}, "còn 1 phút"),
        ({"minutes": 150}, "đang trong giờ phát"),
        ({"minutes": 152}, "đã qua giờ phát"),
        ({"minutes": 300}, "còn 9 giờ"),
    ],
)
def test_the_wait_is_told_in_words(
    operator: FlaskClient, clock: StoppedClock, forward: dict[str, int], words: str
) -> None:
    clock.forward(**forward)
    assert words in card(text(operator))


def test_the_order_shows_running_times_and_what_stands_between_two_scripts_in_one_line(operator: FlaskClient) -> None:
    page = text(operator)
    order = page.split("Thứ tự buổi 05:30")[1].split("</section>")[0]
    assert order.count("<li") == 5
    assert order.count('class="quiet"') == 3
    assert "2 bài, 6 mục" in order
    assert "Nhạc-hieu, nhạc-cat" in order


def test_one_tap_reports_and_the_next_broadcast_takes_its_place(
    operator: FlaskClient, studio: Studio, day: Day, clock: StoppedClock
) -> None:
    clock.forward(minutes=155)
    assert say(operator, day.broadcast_ids[0], outcome="aired") == 302
    page = text(operator)
    assert entries(studio) == [(day.broadcast_ids[0], "aired", "")]
    assert "Đã báo phát buổi 05:30." in page
    assert "Báo nhầm, rút lại" in page
    assert "17:00" in card(page)


def test_a_second_tap_can_not_hit_the_evening(operator: FlaskClient, day: Day, clock: StoppedClock) -> None:
    clock.forward(minutes=155)
    say(operator, day.broadcast_ids[0], outcome="aired")
    assert "Phát xong, xin báo lại" not in text(operator)
    clock.forward(hours=10)
    assert "Phát xong, xin báo lại" in text(operator)


def test_before_the_hour_it_asks_first(operator: FlaskClient, studio: Studio, day: Day) -> None:
    answer = operator.post(f"{HERE}/broadcasts/{day.broadcast_ids[0]}/report", data={"outcome": "aired"})
    assert answer.status_code == 409
    assert "Chưa đến 05:30. Đã phát rồi phải không?" in answer.text
    assert entries(studio) == []
    assert say(operator, day.broadcast_ids[0], outcome="aired", sure="1") == 302
    assert entries(studio) == [(day.broadcast_ids[0], "aired", "")]


def test_why_it_was_not_aired_is_one_of_four_reasons(
    operator: FlaskClient, studio: Studio, day: Day, clock: StoppedClock
) -> None:
    clock.forward(minutes=60)
    page = text(operator)
    for words in ("Mất điện", "Hỏng máy, hỏng loa", "Mưa giông, tắt máy để an toàn", "Lý do khác"):
        assert words in page
    assert "Chương trình chưa sẵn sàng" not in page
    assert say(operator, day.broadcast_ids[0], outcome="missed", reason="unprepared") == 422
    assert say(operator, day.broadcast_ids[0], outcome="missed", reason="power") == 302
    assert entries(studio) == [(day.broadcast_ids[0], "missed", "power")]
    page = text(operator)
    assert "Đã báo không phát buổi 05:30: mất điện." in page
    assert "Mất điện" in page.split("Buổi khác hôm nay")[1]


def test_a_slip_of_the_thumb_is_taken_back_from_the_page_and_from_the_log(
    operator: FlaskClient, studio: Studio, day: Day, clock: StoppedClock
) -> None:
    clock.forward(minutes=155)
    first = day.broadcast_ids[0]
    say(operator, first, outcome="aired")
    assert f"broadcasts/{first}/report" in text(operator).split("Buổi khác hôm nay")[1]
    assert say(operator, first, outcome="withdrawn") == 302
    assert "05:30" in card(text(operator))
    say(operator, first, outcome="aired")
    answer = operator.post(f"{HERE}/broadcasts/{first}/report", data={"outcome": "withdrawn", "back": "log"})
    assert answer.headers["Location"] == f"{HERE}/log"
    log = text(operator, f"{HERE}/log")
    assert log.count("Trần Văn Nam báo") == 4
    assert log.count("đã có lời báo mới hơn") == 3
    assert "lúc" in log


def test_yesterday_stays_on_the_page_until_somebody_says_what_was(
    operator: FlaskClient, studio: Studio, day: Day, clock: StoppedClock
) -> None:
    clock.forward(days=1)
    say(operator, day.broadcast_ids[1], outcome="aired")
    page = text(operator)
    assert "Hôm qua chưa báo" in page
    assert "1 buổi" in page
    assert say(operator, day.broadcast_ids[0], outcome="aired") == 302
    page = text(operator)
    assert "chưa báo" not in page
    assert "báo muộn" in text(operator, f"{HERE}/log")


def test_tomorrow_can_be_taken_home_today(operator: FlaskClient, studio: Studio, day: Day) -> None:
    plan_day(studio, day=DAY + timedelta(days=1))
    speak_all(studio)
    packages.make_package(studio, day.code, DAY + timedelta(days=1))
    tomorrow = text(operator).split("Ngày mai, thứ Tư, 25/11")[1]
    assert tomorrow.count("MP3") == 2
    assert "ZIP cả ngày" in tomorrow


def test_monday_can_be_taken_home_on_friday(
    operator: FlaskClient, studio: Studio, day: Day, clock: StoppedClock
) -> None:
    monday = DAY + timedelta(days=6)
    plan_day(studio, day=monday)
    speak_all(studio)
    packages.make_package(studio, day.code, monday)
    clock.forward(days=3, hours=15)
    page = text(operator)
    assert "Buổi phát kế tiếp" in page
    assert "còn 2 ngày" in page
    assert "Thứ Hai, 30/11" in page
    assert "Ngày mai" not in page
    assert page.count("<b>ZIP</b>") == 1


def unrender(studio: Studio) -> None:
    with studio.database.transaction() as session:
        session.execute(update(Rendition).values(state="wanted"))


def unapprove(studio: Studio) -> None:
    with studio.database.transaction() as session:
        session.execute(update(Script).values(status="submitted"))


def empty(studio: Studio) -> None:
    with studio.database.transaction() as session:
        for broadcast in session.scalars(select(Broadcast)):
            broadcast.cues.clear()


def overfill(studio: Studio) -> None:
    with studio.database.transaction() as session:
        session.execute(update(Broadcast).values(length_s=15))


@pytest.mark.parametrize(
    ("spoil", "chip", "words"),
    [
        (unrender, "Chờ thu", "Máy đang thu giọng đọc"),
        (unapprove, "Chờ duyệt", "chờ lãnh đạo Trung tâm duyệt"),
        (empty, "Trống", "Người lập lịch của Trung tâm sẽ chọn"),
        (overfill, "Dài quá 0:10", "sẽ bớt"),
    ],
)
def test_what_is_not_ready_says_who_does_what_next_and_offers_nothing(
    operator: FlaskClient, studio: Studio, spoil: Callable[[Studio], None], chip: str, words: str
) -> None:
    spoil(studio)
    page = text(operator)
    shown = card(page)
    assert chip in shown
    assert words in shown
    assert "/packages/" not in page.split("<main")[1]


def test_a_zip_that_holds_what_waits_for_approval_is_not_offered(
    operator: FlaskClient, studio: Studio, day: Day
) -> None:
    with studio.database.transaction() as session:
        session.get_one(Script, day.script_ids[2]).status = "draft"
    page = text(operator)
    assert "0530_DHTT.mp3" in page
    assert "1700_HBAC.mp3" not in page
    assert "package.zip" not in page
    assert "package.zip" not in text(operator, f"{HERE}/week")
    packages.make_package(studio, day.code, DAY)
    assert "package.zip" in text(operator)


def test_a_short_programme_can_be_taken_and_says_so(operator: FlaskClient, studio: Studio) -> None:
    with studio.database.transaction() as session:
        session.execute(update(Broadcast).values(length_s=60))
    shown = card(text(operator))
    assert "Còn thiếu 0:35" in shown
    assert "package.zip" in shown


def test_the_card_asks_again_while_it_is_being_made(operator: FlaskClient, studio: Studio) -> None:
    unrender(studio)
    assert f'data-poll="{HERE}/next"' in text(operator)
    with studio.database.transaction() as session:
        session.execute(update(Rendition).values(state="ready"))
    piece = text(operator, f"{HERE}/next")
    assert "data-poll" not in piece
    assert "data-player" in piece


def test_a_station_without_broadcasts_says_what_to_do(studio: Studio, seat: Callable[..., Person], day: Day) -> None:
    with studio.database.transaction() as session:
        for broadcast in session.scalars(select(Broadcast)):
            session.delete(broadcast)
    page = text(seat("planner").client)
    assert "Mấy ngày tới không có buổi phát nào" in page
    assert "Xem cả tuần" in page


def test_the_week_shows_seven_days_with_their_downloads(operator: FlaskClient) -> None:
    page = text(operator, f"{HERE}/week")
    assert page.count('<section class="sheet"') == 7
    assert "Hôm nay, thứ Ba, 24/11" in page
    assert page.count("Không có buổi phát") == 6
    assert page.count("MP3") == 2


def test_the_log_without_a_word_says_where_words_come_from(operator: FlaskClient) -> None:
    assert "Chưa có lời báo nào" in text(operator, f"{HERE}/log")


def test_the_log_goes_on_over_pages(operator: FlaskClient, day: Day, clock: StoppedClock) -> None:
    clock.forward(hours=3)
    for number in range(52):
        say(operator, day.broadcast_ids[0], outcome="missed", reason="other", note=f"lần {number}")
    first = text(operator, f"{HERE}/log")
    assert first.split("<main")[1].count("<li") == 50
    older = first.split("before=")[1].split('"')[0]
    rest = text(operator, f"{HERE}/log?before={older}")
    assert rest.split("<main")[1].count("<li") == 2
    assert "lần 0" in rest


def test_a_title_with_markup_stays_text(operator: FlaskClient, studio: Studio, clock: StoppedClock, day: Day) -> None:
    clock.forward(hours=3)
    say(operator, day.broadcast_ids[0], outcome="missed", reason="other", note="<script>alert(1)</script>")
    assert "<script>alert" not in text(operator, f"{HERE}/log")


PAGES = ("", "/next", "/week", "/log", "/help")


@pytest.mark.parametrize("page", PAGES)
def test_another_station_and_a_stranger_see_nothing(
    day: Day, seat: Callable[..., Person], client: FlaskClient, page: str
) -> None:
    assert seat("operator").client.get(HERE + page).status_code == 404
    assert client.get(HERE + page).status_code == 302
    assert seat("editor").client.get(HERE + page).status_code == 200
    assert seat("admin").client.get("/station/khong-co" + page).status_code == 404


def test_nobody_reports_for_another_station_or_by_reading(
    studio: Studio, day: Day, operator: FlaskClient, seat: Callable[..., Person], clock: StoppedClock
) -> None:
    clock.forward(hours=3)
    first = day.broadcast_ids[0]
    elsewhere = plan_day(studio, code="ninh-an", hours=[time(5, 30)])
    assert elsewhere.station_id != day.station_id
    assert say(seat("operator").client, first, outcome="aired") == 404
    assert say(seat("editor").client, first, outcome="aired") == 403
    assert say(operator, elsewhere.broadcast_ids[0], outcome="aired") == 404
    assert operator.get(f"{HERE}/broadcasts/{first}/report").status_code == 405
    assert entries(studio) == []
    assert say(seat("planner").client, first, outcome="aired") == 302


def test_looking_changes_nothing(operator: FlaskClient, studio: Studio) -> None:
    for page in PAGES:
        text(operator, HERE + page)
    assert entries(studio) == []


def test_the_operators_home_is_the_own_station(operator: FlaskClient) -> None:
    assert operator.get("/").headers["Location"] == HERE
    page = text(operator, f"{HERE}/week")
    for words in ("Hôm nay", "Cả tuần", "Nhật ký", "Trợ giúp"):
        assert words in page.split("</nav>")[0]


def test_help_is_the_guide_that_is_printed(operator: FlaskClient) -> None:
    page = text(operator, f"{HERE}/help")
    assert "<h1>Hướng dẫn cho cán bộ đài</h1>" in page
    assert "<strong>Đã phát</strong>" in page
    assert "**" not in page
    assert len(GUIDE.read_text("utf-8").split()) < 600, "it is one page"


def test_the_guide_understands_lists_headings_and_bold_and_nothing_else() -> None:
    assert to_html("# A\n\nmột\nhai **ba**\n\n1. x\n   y\n2. <b>\n\n- z") == Markup(
        "<h1>A</h1>\n<p>một hai <strong>ba</strong></p>\n<ol><li>x y</li><li>&lt;b&gt;</li></ol>\n<ul><li>z</li></ul>"
    )


def test_a_day_without_package_costs_no_layout(studio: Studio, day: Day, clock: StoppedClock) -> None:
    with studio.database.reading() as session:
        found = station_days.airings(session, day.station_id, date(2026, 12, 1), date(2026, 12, 8), now=clock.now)
    assert found == []
