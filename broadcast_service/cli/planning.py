"""`plan`, `render`, `package`, `slots`: from a week on paper to a folder on a USB stick."""

import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

import click

from ..errors import Invalid
from .console import opened_studio, print_table, progress


@click.command()
@click.option("--week", required=True, help="Tuần theo ISO, như 2026-W49.")
def plan(week: str) -> None:
    """Tạo buổi phát và xếp bài cho một tuần."""
    from ..services import broadcasts, due, filling, sounds

    monday = _monday(week)
    with opened_studio() as studio:
        sounds.ensure_sounds(studio)
        with studio.database.transaction() as session:
            today = due.local_today(studio)
            weeks = max(due.WEEKS_AHEAD, (monday - today).days // 7 + 2)
            broadcasts.materialise(session, studio, today=today, weeks=weeks)
            report = filling.fill(session, studio, first=monday, last=monday + timedelta(days=6))
    click.echo(str(report))


@click.command()
@click.option("--limit", type=click.IntRange(min=1), help="Nhiều nhất từng này bản.")
def render(limit: int | None) -> None:
    """Thu giọng đọc mọi bản đang chờ."""
    from concurrent.futures import ThreadPoolExecutor

    from ..pool import Tender, run_one
    from ..services import due, jobs

    with opened_studio() as studio:
        due.want_renditions(studio)
        with studio.database.reading() as session:
            waiting = jobs.count_open(session, kind=jobs.RENDER)
        total = min(waiting, limit or waiting)
        tender = Tender(studio)
        tender.start()
        with progress(total, "Đang thu giọng đọc") as bar, ThreadPoolExecutor(studio.settings.workers) as threads:

            def one(number: int) -> bool:
                done = run_one(studio, owner=f"render:{number}", kind=jobs.RENDER, tend=tender)
                bar.update()
                return done

            done = sum(threads.map(one, range(total)))
        tender.stop()
        with studio.database.reading() as session:
            left, dead = jobs.count_open(session, kind=jobs.RENDER), jobs.count_dead(session)
    click.echo(f"Đã thu {done} bản, còn chờ {left}, hỏng {dead}.")
    if dead:
        sys.exit(1)


@click.command()
@click.option("--station", "code", required=True, help="Mã đài, như hoa-tri (xem lệnh stations).")
@click.option("--date", "day", required=True, help="Ngày, như 2026-11-24.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Thư mục sẽ ghi.")
def package(code: str, day: str, output: Path) -> None:
    """Đóng gói chương trình một ngày của một đài ra thư mục, chép thẳng vào USB được."""
    from ..services import packages

    with opened_studio() as studio:
        made = packages.make_package(studio, code, _date(day))
        if made is None:
            raise Invalid(
                f"Ngày {day} đài “{code}” chưa có buổi phát nào đủ bài và đủ bản thu. "
                "Hãy chạy lệnh plan rồi render trước."
            )
        names = packages.unpack(made, output, studio)
    click.echo(f"Gói số {made.number}: {len(names)} tệp trong “{output}”.")


@click.group()
def slots() -> None:
    """Khung giờ: xem, thêm, nhập và xuất CSV."""


@slots.command("list")
def list_slots() -> None:
    """Mỗi khung giờ một dòng."""
    from ..services import slots as service

    with opened_studio() as studio, studio.database.reading() as session:
        click.echo(service.export_slots(session), nl=False)


@slots.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_slots(file: Path) -> None:
    """Nhập khung giờ từ tệp CSV do lệnh `slots list` xuất ra."""
    from ..services import slots as service

    with opened_studio() as studio, studio.database.transaction() as session:
        report = service.import_slots(session, file.read_text("utf-8-sig"), now=studio.now())
    click.echo(str(report))


@slots.command("add")
@click.option("--programme", required=True, help="Mã chuyên mục, như DHTT.")
@click.option("--days", required=True, help="Các thứ, như 2,4,6 hoặc 2-6; CN là chủ nhật.")
@click.option("--at", "starts", required=True, help="Giờ bắt đầu, như 05:30.")
@click.option("--minutes", type=click.IntRange(1, 60), required=True, help="Thời lượng, phút.")
@click.option("--stations", required=True, help="Mã các đài, cách nhau bằng dấu phẩy; * là mọi đài.")
def add_slot(programme: str, days: str, starts: str, minutes: int, stations: str) -> None:
    """Thêm một khung giờ hằng tuần, từ hôm nay."""
    from ..services import due, programmes
    from ..services import slots as service
    from ..services import stations as places

    with opened_studio() as studio, studio.database.transaction() as session:
        service.save_slot(
            session,
            slot_id=None,
            programme_id=programmes.by_code(session, programme).id,
            weekdays=_weekdays(days),
            starts_at=_time(starts),
            length_s=minutes * 60,
            station_ids=[station.id for station in places.by_codes(session, stations)],
            valid_from=due.local_today(studio),
            valid_until=None,
            now=studio.now(),
        )
    click.echo("Đã thêm khung giờ.")


@click.command()
@click.option("--date", "day", help="Ngày, như 2026-11-24; mặc định hôm nay.")
def broadcasts(day: str | None) -> None:
    """Các buổi phát của một ngày, mỗi buổi một dòng, kèm trạng thái."""
    from ..services import broadcasts as service
    from ..services import due

    with opened_studio() as studio, studio.database.reading() as session:
        first = _date(day) if day else due.local_today(studio)
        rows = service.between(session, first, first + timedelta(days=1))
        states = service.states(session, rows, studio.now())
        zone = studio.settings.timezone
        print_table(
            ("station", "starts_at", "programme", "length_s", "state"),
            (
                (
                    row.station.code,
                    f"{row.starts_at.astimezone(zone):%H:%M}",
                    row.programme.code,
                    row.length_s,
                    states[row.id].key,
                )
                for row in rows
            ),
        )


def _monday(week: str) -> date:
    try:
        return datetime.strptime(week + "-1", "%G-W%V-%u").date()  # noqa: DTZ007  a date, no moment
    except ValueError:
        raise Invalid(f"“{week}” không phải một tuần. Hãy viết như 2026-W49.") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text}” không phải một ngày. Hãy viết như 2026-11-24.") from None


def _weekdays(text: str) -> int:
    """“2-6”, “2,4,6”, “T2,CN”: the bit mask of the weekdays, Monday first."""
    names = [f"T{number}" for number in range(2, 8)] + ["CN"]

    def place(name: str) -> int:
        name = name.strip().upper()
        name = f"T{name}" if name.isdigit() else name
        if name not in names:
            raise Invalid(f"“{text}” không phải các thứ trong tuần. Hãy viết như 2-6 hoặc 2,4,CN.")
        return names.index(name)

    mask = 0
    for part in text.split(","):
        first, _, last = part.partition("-")
        for day in range(place(first), place(last or first) + 1):
            mask |= 1 << day
    return mask


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text}” không phải giờ phát. Hãy viết như 05:30.") from None


COMMANDS = (plan, render, package, slots, broadcasts)
