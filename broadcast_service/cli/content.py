"""`import-scripts`, `read`, `record`, `speak`: texts and how they sound."""

import json
import sys
from pathlib import Path

import click

from ..errors import FileTooLarge, Invalid
from ..settings import Settings
from .console import manner_options, opened_studio, progress
from .lexicon import read_file


@click.command("import-scripts")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def import_scripts(folder: Path | None) -> None:
    """Nhập kịch bản từ FOLDER (mặc định: scripts_library). Nhập lại nhiều lần không sao."""
    from ..services import scripts

    with opened_studio() as studio:
        source = folder or studio.settings.scripts_dir
        if not source.is_dir():
            raise Invalid(f"Không có thư mục “{source}”. Hãy kiểm tra lại đường dẫn.")
        with progress(1, "Đang nhập kịch bản") as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            report = scripts.import_library(studio, source, progress=show)
    click.echo(
        f"Thêm {len(report.added)}, cập nhật {len(report.updated)}, không đổi {len(report.unchanged)}, "
        f"giữ bản đã sửa {len(report.kept_edited)}."
    )
    for mistake in report.mistakes:
        click.echo(mistake, err=True)
    if report.mistakes:
        sys.exit(1)


@click.command()
@click.option("--lines", is_flag=True, help="Đọc từng dòng riêng, một dòng vào một dòng ra.")
@click.option("--questions", is_flag=True, help="In những chỗ cần người quyết định, mỗi chỗ một dòng JSON.")
@click.option("--proof", is_flag=True, help="Soát bài: in những chỗ cần sửa hoặc cần xem, mỗi chỗ một dòng JSON.")
@click.option("--region", type=click.Choice(["bac", "trung", "nam"]), help="Vùng miền của lời đọc.")
@click.option(
    "--style", type=click.Choice(["radio", "full"]), default="radio", help="full: đọc đủ từng chữ, từng gạch."
)
@click.option(
    "--lexicon",
    "own",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Từ điển riêng, tệp TSV hoặc PLS; đi trước mọi cách đọc có sẵn.",
)
def read(lines: bool, questions: bool, proof: bool, region: str | None, style: str, own: Path | None) -> None:
    """Đổi văn bản viết (từ đầu vào chuẩn) thành lời đọc."""
    from ..reading import Lexicon, read_aloud

    if proof:
        from ..reading.proofreader import proofread

        if lines:
            for number, line in enumerate(sys.stdin, start=1):
                _print_rows(proofread(line.rstrip("\r\n")), line=number)
        else:
            _print_rows(proofread(sys.stdin.read()))
        return
    place = region or Settings.from_env().region
    entries = Lexicon(read_file(own)) if own else None
    if lines:
        for number, line in enumerate(sys.stdin, start=1):
            reading = read_aloud(line.rstrip("\r\n"), region=place, lexicon=entries, style=style)
            if questions:
                _print_rows(reading.questions, line=number)
            else:
                click.echo(" ".join(reading.spoken.split()))
        return
    reading = read_aloud(sys.stdin.read(), region=place, lexicon=entries, style=style)
    if questions:
        _print_rows(reading.questions)
    else:
        click.echo(reading.spoken)


@click.command()
@click.option("--voice", default="", help="Giọng đọc, như espeak:vi hoặc gtts:vi.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Tệp MP3 sẽ ghi.")
@click.option("--spoken", is_flag=True, help="Đầu vào đã là lời đọc, không đổi gì thêm.")
@manner_options
def speak(voice: str, output: Path, spoken: bool, rate: str, pitch: str) -> None:
    """Thu văn bản (từ đầu vào chuẩn) thành một tệp MP3."""
    import os

    from ..audio.mastering import master
    from ..audio.programme import head
    from ..domain.scripts import paragraphs
    from ..reading import read_aloud
    from ..services import manners
    from ..studio import installed_voices

    settings = Settings.from_env()
    voices = installed_voices(settings)
    name = voice or settings.voice
    if name not in voices:
        raise Invalid(f"Không có giọng đọc “{name}”. Có các giọng: {', '.join(voices)}.")
    manner = manners.typed(rate, pitch, instead=manners.in_force(settings).manner) if rate or pitch else None
    speaker = manners.tuned(voices[name], manner)
    text = sys.stdin.read()
    said = text if spoken else read_aloud(text, region=settings.region).spoken
    parts = paragraphs(said)
    if not parts:
        raise Invalid("Không có chữ nào để đọc. Hãy đưa văn bản vào đầu vào chuẩn.")
    try:
        pieces = []
        with progress(len(parts), "Đang thu giọng đọc") as bar:
            for part in parts:
                pieces.append(master(speaker.speak(part)))
                bar.update()
    finally:
        for opened in voices.values():
            opened.close()
    sound = b"".join(piece.frames for piece in pieces)
    frames = sum(piece.frame_count for piece in pieces)
    temporary = output.with_name(output.name + ".tmp")
    temporary.write_bytes(head(frames, len(sound), title=output.stem) + sound)
    os.replace(temporary, output)


@click.command()
@click.argument("code")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--paragraph", type=int, help="Đoạn được đọc, từ 1. Bỏ trống: cả bài, ngừng hai giây giữa hai đoạn.")
@click.option("--reader", default="", help="Họ tên người có giọng trong bản ghi.")
@click.option("--revision", "number", type=int, help="Số bản sửa mà người ấy đã đọc. Bỏ trống: bản mới nhất.")
def record(code: str, file: Path, paragraph: int | None, reader: str, number: int | None) -> None:
    """Nhận bản ghi âm FILE của người đọc cho bài mang mã CODE."""
    from sqlalchemy import select

    from ..services import recordings
    from ..services.taking_in import LARGEST_BYTES, take_in_upload
    from ..storage.tables import Script

    if file.stat().st_size > LARGEST_BYTES:
        raise FileTooLarge(LARGEST_BYTES)
    with opened_studio() as studio:
        with studio.database.reading() as session:
            script = session.scalar(select(Script).where(Script.code == code))
            if script is None:
                raise Invalid(f"Không có bài nào mang mã “{code}”. Mã ghi ở mục Xếp loại trên trang của bài.")
            wanted = script.latest.number if number is None else number
            revision = next((one for one in script.revisions if one.number == wanted), None)
            if revision is None:
                raise Invalid(f"Bài “{code}” không có bản sửa {wanted}; bản mới nhất là {script.latest.number}.")
        taken = take_in_upload(
            studio, revision.id, file, paragraph=paragraph, reader=reader, account_id=None, name=file.name
        )
        with studio.database.reading() as session:
            take = recordings.get_recording(session, taken)
            progress = recordings.progress(session, take.revision.script.latest)
            revision_number = take.revision.number
    for note in (*take.warnings, *take.notes):
        click.echo(note)
    count = len(progress.lines)
    ready = "đã đủ, dùng được" if progress.rendition else f"đã thu {progress.done} trên {count} đoạn"
    click.echo(f"Đã nhận bản ghi số {taken}, {take.reader} đọc bản sửa {revision_number}: {ready}.")


def _print_rows(found: object, *, line: int | None = None) -> None:
    from dataclasses import asdict

    for each in found:  # type: ignore[attr-defined]
        row = asdict(each) | ({"line": line} if line else {})
        click.echo(json.dumps(row, ensure_ascii=False))


COMMANDS = (import_scripts, read, record, speak)
