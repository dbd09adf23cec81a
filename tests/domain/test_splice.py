import json
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast_service.domain.splice import BlobRange, Part, Splice

BLOBS = {name: bytes((place * 7 + ord(name)) % 251 for place in range(60)) for name in "abc"}


def read_blob(blob: str, start: int, length: int) -> Iterator[bytes]:
    """In chunks of seven, as a file would come in chunks of its own."""
    content = BLOBS[blob][start : start + length]
    assert len(content) == length
    for place in range(0, length, 7):
        yield content[place : place + 7]


ranges = st.builds(
    lambda blob, start, length: BlobRange(blob, start, min(length, 60 - start)),
    st.sampled_from("abc"), st.integers(0, 60), st.integers(0, 60),
)  # fmt: skip
parts = st.lists(st.one_of(st.binary(max_size=20), ranges), max_size=12)


def flat(made_of: list[Part]) -> bytes:
    return b"".join(
        part if isinstance(part, bytes) else BLOBS[part.blob][part.start : part.start + part.length] for part in made_of
    )


@given(parts)
def test_the_whole_is_its_parts_end_to_end(made_of: list[Part]) -> None:
    splice = Splice(made_of)
    assert b"".join(splice.read(read_blob)) == flat(made_of)
    assert splice.size == len(flat(made_of))


@given(parts, st.data())
def test_any_range_is_that_range_of_the_whole(made_of: list[Part], data: st.DataObject) -> None:
    splice, whole = Splice(made_of), flat(made_of)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    assert b"".join(splice.read(read_blob, start, end)) == whole[start:end]


@given(parts, st.lists(st.integers(0, 1_000), max_size=6))
def test_ranges_fetched_one_after_another_make_the_whole(made_of: list[Part], cuts: list[int]) -> None:
    splice = Splice(made_of)
    edges = sorted({0, splice.size, *(cut for cut in cuts if cut <= splice.size)})
    fetched = [b"".join(splice.read(read_blob, a, b)) for a, b in pairwise(edges)]
    assert b"".join(fetched) == flat(made_of)


@given(parts)
def test_a_splice_comes_back_from_its_table_the_same(made_of: list[Part]) -> None:
    splice = Splice(made_of)
    again = Splice.from_json(json.loads(json.dumps(splice.to_json())))
    assert again.parts == splice.parts
    assert again.etag == splice.etag


@given(parts, parts)
def test_the_etag_tells_different_parts_apart(one: list[Part], other: list[Part]) -> None:
    assert (Splice(one).etag == Splice(other).etag) == (tuple(one) == tuple(other))


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (4, 3), (0, 11), (11, 11)])
def test_a_range_outside_the_file_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="do not lie within 10"):
        list(Splice([b"0123456789"]).read(read_blob, start, end))


def test_nothing_is_a_file_too() -> None:
    assert Splice([]).size == 0
    assert list(Splice([]).read(read_blob)) == []
