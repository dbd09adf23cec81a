"""`voices`: which there are, installing Piper models, trying a sentence."""

import math
import os
from pathlib import Path

import click

from ..speech.voice import VoiceState
from ..studio import system_clock
from .console import manner_options, opened_studio, print_table

_REGIONS = {"bac": "Bắc", "trung": "Trung", "nam": "Nam"}


@click.group()
def voices() -> None:
    """Các giọng đọc: xem, cài thêm, gỡ, nghe thử."""


@voices.command("list")
@click.option("--no-measure", is_flag=True, help="Không đo tốc độ.")
def list_voices(no_measure: bool) -> None:
    """Liệt kê các giọng đọc và tình trạng của từng giọng."""
    from ..services import voices as service

    with opened_studio() as studio:
        lines = service.list_voices(studio, measure=not no_measure)
    print_table(
        ("name", "title", "engine", "region", "leaves_the_house", "times_real_time", "default", "state"),
        (
            (
                line.name,
                line.title,
                line.engine,
                _REGIONS.get(line.region, "-"),
                "gửi ra ngoài" if line.leaves_the_house else "trong máy",
                "-" if line.times_real_time is None else f"{line.times_real_time:.0f}",
                "mặc định" if line.is_default else "-",
                _state(line.state),
            )
            for line in lines
        ),
    )


def _state(state: VoiceState) -> str:
    if state.is_ready or state.until is None:
        return state.sentence
    minutes = max(1, math.ceil((state.until - system_clock()).total_seconds() / 60))
    return f"tạm nghỉ thêm {minutes} phút. {state.sentence}"


@voices.command("add")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", default="", help="Tên giọng; mặc định lấy theo tên tệp.")
@click.option("--region", type=click.Choice(["bac", "trung", "nam"]), help="Giọng vùng nào.")
@click.option("--speaker", default=0, help="Người đọc thứ mấy, với mẫu nhiều người. Từ 0.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Ghi câu đọc thử ra tệp MP3 này.")
def add(path: Path, name: str, region: str | None, speaker: int, output: Path | None) -> None:
    """Cài mẫu giọng Piper từ PATH (tệp .onnx, có tệp .onnx.json bên cạnh)."""
    from ..services import voices as service

    with opened_studio() as studio:
        voice = service.add_voice(studio, path, name=name, speaker=speaker, region=region or "")
        click.echo(f"Đã cài {voice.name} ({voice.title}), {60_000 / voice.ms_per_syllable:.0f} tiếng mỗi phút.")
        if output:
            _write(output, service.audition_sample(studio, voice))
            click.echo(f"Nghe thử: {output}")


@voices.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Gỡ một giọng đã cài thêm."""
    from ..services import voices as service

    with opened_studio() as studio:
        service.remove_voice(studio, name)
    click.echo(f"Đã gỡ {name}. Những bản đã thu bằng giọng này vẫn còn.")


@voices.command("try")
@click.argument("name")
@click.argument("sentence")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Tệp MP3 sẽ ghi.")
@manner_options
def try_voice(name: str, sentence: str, output: Path, rate: str, pitch: str) -> None:
    """Đọc thử SENTENCE bằng giọng NAME ra một tệp MP3."""
    from ..services import manners
    from ..services import voices as service

    with opened_studio() as studio:
        if service.choose_voice(studio, name).leaves_the_house:
            click.echo(f"{name}: lời đọc được gửi ra ngoài máy này để đọc.", err=True)
        current = manners.in_force(studio.settings).manner
        manner = manners.typed(rate, pitch, instead=current) if rate or pitch else None
        _write(output, service.try_voice(studio, name, sentence, manner=manner))


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)


COMMANDS = (voices,)
