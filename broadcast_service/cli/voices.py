"""`voices`: which there are, installing Piper models, trying a sentence."""

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Invalid
from ..speech.voice import VoiceState
from ..studio import system_clock
from .console import manner_options, opened_studio, print_table

if TYPE_CHECKING:
    from ..services.voices import Added

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
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tệp MP3 sẽ ghi câu đọc thử; mặc định: nghe-thu-TÊN.mp3 ở thư mục này.",
)
def add(path: Path, name: str, region: str | None, speaker: int, output: Path | None) -> None:
    """Cài mẫu giọng Piper từ PATH (tệp .onnx, có tệp .onnx.json bên cạnh) và ghi một câu đọc thử."""
    from ..services import voices as service
    from ..speech.piper_models import name_of

    output = output or Path(f"nghe-thu-{name or name_of(path)}.mp3")
    _check_writable(output)
    with opened_studio() as studio:
        added = service.add_voice(studio, path, name=name, speaker=speaker, region=region or "")
    for line in _told(added):
        click.echo(line)
    _write(output, added.sample)
    click.echo(f"Nghe thử: {output}")


def _told(added: "Added") -> Iterator[str]:
    """What whoever installs a model should know of it, a line each."""
    card, model = added.card, added.model
    yield f"Đã cài {added.voice.name} ({added.voice.title})."
    yield f"Tốc độ đọc: {60_000 / model.ms_per_syllable:.0f} tiếng mỗi phút."
    yield f"Tốc độ làm ra tiếng trên một lõi của máy này: nhanh gấp {model.times_real_time:.0f} lần lời nói."
    yield f"Âm thanh: {card.rate_hz} Hz."
    yield f"Người đọc: {max(1, card.speakers)}" + (f", dùng người số {model.speaker}." if card.speakers > 1 else ".")
    kind = f"IPA của espeak ({card.espeak_voice})" if card.phoneme_type == "espeak" else "chữ cái"
    yield f"Âm vị: {kind}."
    yield f"Dữ liệu: {card.dataset or 'thẻ mẫu không ghi'}."
    yield f"Giấy phép: {added.licence or 'thẻ mẫu không ghi. Hãy xem ở nơi phát hành trước khi phát sóng'}."


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
        _check_writable(output)
        _write(output, service.try_voice(studio, name, sentence, manner=manner))


def _check_writable(path: Path) -> None:
    """Raises Invalid before anything was done, rather than after."""
    if not path.absolute().parent.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        raise Invalid(f"Không ghi được “{path}”: thư mục không có hoặc bị khóa. Hãy chọn chỗ khác bằng -o.")


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)


COMMANDS = (voices,)
