import errno
import os
from pathlib import Path

import pytest

from broadcast_service.errors import NoSpace
from broadcast_service.storage.blobs import BlobStore


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path)


def test_what_is_put_is_read_back_whole_and_in_ranges(blobs: BlobStore) -> None:
    content = os.urandom(200_000)
    sha256 = blobs.put(content)

    assert b"".join(blobs.read(sha256)) == content
    assert b"".join(blobs.read(sha256, 1_000, 70_000)) == content[1_000:71_000]
    assert blobs.is_whole(sha256)


def test_the_same_content_is_stored_once(blobs: BlobStore) -> None:
    assert blobs.put(b"abc") == blobs.put(b"abc")
    assert len(list(blobs.folder.rglob("*.mp3"))) == 1


def test_a_flipped_bit_and_a_cut_file_are_noticed(blobs: BlobStore) -> None:
    sha256 = blobs.put(b"abcdef")
    blobs.path(sha256).write_bytes(b"abcdeg")
    assert not blobs.is_whole(sha256)
    blobs.path(sha256).write_bytes(b"abc")
    with pytest.raises(OSError, match="early"):
        list(blobs.read(sha256, 0, 6))


@pytest.mark.parametrize("call", ["fsync", "replace", "fdopen"])
def test_a_full_disk_is_a_sentence_and_leaves_no_file(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(NoSpace, match="đĩa đầy"):
            blobs.put(b"abc")

    assert [path for path in blobs.folder.rglob("*") if path.is_file()] == []
    assert blobs.is_whole(blobs.put(b"abc"))


def test_sweeping_removes_only_what_was_left_half_written(blobs: BlobStore) -> None:
    sha256 = blobs.put(b"abc")
    (blobs.folder / sha256[:2] / "x.tmp").write_bytes(b"ab")
    assert blobs.sweep() == 1
    assert blobs.is_whole(sha256)
