"""The `voices` commands as a person types them."""

import io
from pathlib import Path

import pytest

from tests.cli.test_commands import Run, assert_one_sentence, run  # noqa: F401
from tests.speech.piper_model import build, write


def test_the_voices_are_lines_with_region_and_whether_the_text_leaves(run: Run) -> None:  # noqa: F811
    result = run("voices", "list", "--no-measure")
    assert result.returncode == 0, result.stderr
    header, *lines = (line.split("\t") for line in result.stdout.splitlines())
    table = {line[0]: dict(zip(header, line, strict=True)) for line in lines}
    assert table["espeak:vi-vn-x-central"]["region"] == "Trung"
    assert table["gtts:vi"]["leaves_the_house"] == "gửi ra ngoài"
    assert table["espeak:vi"]["state"] == "sẵn sàng"
    assert table["espeak:vi"]["default"] == "mặc định"


@pytest.mark.slow
def test_a_model_is_added_tried_and_removed(run: Run, tmp_path: Path) -> None:  # noqa: F811
    import soundfile

    sample, tried = tmp_path / "mẫu.mp3", tmp_path / "thử.mp3"
    added = run("voices", "add", str(write(tmp_path)), "--region", "trung", "-o", str(sample))
    assert added.returncode == 0, added.stderr
    told = added.stdout.splitlines()
    assert told[0] == "Đã cài piper:hum-low (Giọng Piper hum-low (miền Trung))."
    assert "Âm thanh: 22050 Hz." in told
    assert "Người đọc: 1." in told
    assert "Âm vị: IPA của espeak (vi)." in told
    assert any(line.startswith("Giấy phép: thẻ mẫu không ghi.") for line in told)
    assert any("nhanh gấp" in line for line in told)
    assert soundfile.info(io.BytesIO(sample.read_bytes())).duration > 5
    assert "piper:hum-low\tGiọng Piper hum-low (miền Trung)" in run("voices", "list").stdout
    result = run("voices", "try", "piper:hum-low", "Kính chào bà con.", "-o", str(tried))
    assert result.returncode == 0, result.stderr
    assert soundfile.info(io.BytesIO(tried.read_bytes())).duration > 1
    assert run("voices", "remove", "piper:hum-low").returncode == 0
    assert "piper" not in run("voices", "list", "--no-measure").stdout


@pytest.mark.slow
def test_a_sample_is_left_where_one_stands_and_a_place_that_can_not_be_written_is_told_first(
    run: Run,  # noqa: F811
    tmp_path: Path,
) -> None:
    model = write(tmp_path, num_speakers=3, phoneme_type="text", dataset="vivos", license="CC0")
    assert_one_sentence(run("voices", "add", str(model), "-o", str(tmp_path / "none" / "x.mp3")), "Không ghi được")
    assert "piper" not in run("voices", "list", "--no-measure").stdout
    added = run("voices", "add", str(model), "--name", "vivos", "--speaker", "0", cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    assert "Người đọc: 3, dùng người số 0." in added.stdout
    assert "Âm vị: chữ cái." in added.stdout
    assert "Dữ liệu: vivos.\nGiấy phép: CC0." in added.stdout
    assert "Nghe thử: nghe-thu-vivos.mp3" in added.stdout
    assert (tmp_path / "nghe-thu-vivos.mp3").stat().st_size > 20_000


@pytest.mark.slow
def test_what_is_no_voice_is_one_sentence(run: Run, tmp_path: Path) -> None:  # noqa: F811
    half = write(tmp_path, content=build()[:300])
    assert_one_sentence(run("voices", "add", str(half)), "chép")
    assert_one_sentence(run("voices", "add", str(tmp_path / "không có.onnx")), "đường dẫn")
    assert_one_sentence(run("voices", "remove", "piper:none"), "piper:none")
    assert_one_sentence(run("voices", "try", "nobody", "Xin chào.", "-o", str(tmp_path / "x.mp3")), "espeak:vi")
    assert_one_sentence(run("voices", "try", "espeak:vi", "…", "-o", str(tmp_path / "x.mp3")), "lời")
    assert not (tmp_path / "x.mp3").exists()
