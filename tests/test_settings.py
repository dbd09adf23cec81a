from pathlib import Path

import pytest

from broadcast_service.settings import Settings, SettingsError


def test_every_mistake_is_reported_at_once_with_a_guess() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"BROADCAST_PORT": "tám", "BROADCAST_AUDIO_DIRR": "x", "BROADCAST_REGION": "tây"})

    text = str(caught.value)
    assert text.count("\n") == 2
    assert "BROADCAST_PORT='tám'" in text
    assert "Có phải BROADCAST_AUDIO_DIR?" in text
    assert "bac, trung, nam" in text


def test_empty_values_mean_the_default() -> None:
    assert Settings.from_env({"BROADCAST_PORT": ""}) == Settings()


@pytest.mark.parametrize("port", ["-1", "65536", "80 80", "8080.5"])
def test_ports_outside_their_range_are_refused(port: str) -> None:
    with pytest.raises(SettingsError, match="BROADCAST_PORT"):
        Settings.from_env({"BROADCAST_PORT": port})


def test_folders_may_have_spaces_and_vietnamese_letters(tmp_path: Path) -> None:
    folder = tmp_path / "dữ liệu của đài"
    assert Settings.from_env({"BROADCAST_DATA_DIR": str(folder)}).data_dir == folder


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tep").touch()
    with pytest.raises(SettingsError, match="cần một thư mục"):
        Settings.from_env({"BROADCAST_AUDIO_DIR": str(tmp_path / "tep")})


def test_relative_folders_are_made_absolute() -> None:
    assert Settings.from_env({"BROADCAST_DATA_DIR": "du-lieu"}).data_dir.is_absolute()


@pytest.mark.parametrize("url", ["truyenthanh.vn", "ftp://x", "https://"])
def test_half_an_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="BROADCAST_URL"):
        Settings.from_env({"BROADCAST_URL": url})
