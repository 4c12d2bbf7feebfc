import gzip
import hashlib
import os
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from descent.data import files
from descent.data.errors import DataError, MissingFileError

MB = 2**20


def idx_file(content, name="train-labels-idx1-ubyte"):
    shape = struct.unpack(f">{content[3]}I", content[4 : 4 + 4 * content[3]])
    return files.IDXFile(name, shape, hashlib.sha256(content).hexdigest())


LABELS = struct.pack(">HBBI", 0, 8, 1, 1000) + bytes(n % 10 for n in range(1000))
FILE = idx_file(LABELS)


@settings(deadline=None)
@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3, max_side=6)), st.booleans())
def test_an_array_survives_the_round_trip(array, gzipped):
    content = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()
    file = idx_file(content)
    raw = gzip.compress(content) if gzipped else content
    result = files.parse(files.check_content(raw, file, "somewhere"), file)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, array)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_other_bytes_give_one_clear_error(raw):
    with pytest.raises(DataError, match=r"the/path .*expected train-labels-idx1-ubyte"):
        files.check_content(raw, FILE, "the/path")


@settings(deadline=None)
@given(st.data(), st.booleans())
def test_a_changed_byte_is_never_accepted(data, gzipped):
    raw = bytearray(gzip.compress(LABELS, mtime=0) if gzipped else LABELS)
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    try:
        content = files.check_content(bytes(raw), FILE, "x")
    except DataError:
        return
    assert content == LABELS  # the byte was one of gzip's own that mean nothing, such as a date


@settings(deadline=None)
@given(st.data(), st.booleans())
def test_a_shorter_file_is_called_truncated(data, gzipped):
    raw = gzip.compress(LABELS) if gzipped else LABELS
    length = data.draw(st.integers(2, len(raw) - 1))
    with pytest.raises(DataError, match="truncated"):
        files.check_content(raw[:length], FILE, "x")


HTML = b"\n<!DOCTYPE html><html><body>Please log in</body></html>"
WRONG_SHAPE = struct.pack(">HBBI", 0, 8, 1, 999) + LABELS[8:-1]
WRONG_TYPE = b"\0\0\x0d\1" + LABELS[4:]


BAD = [
    (b"", "truncated"),
    (LABELS[:500], "truncated"),
    (gzip.compress(LABELS)[:-9], "truncated"),
    (gzip.compress(LABELS)[:-1], "truncated"),
    (gzip.compress(LABELS[:500]), "truncated"),
    (gzip.compress(LABELS)[:10] + b"\xff" * 40, "corrupted"),
    (gzip.compress(LABELS)[:-8] + bytes(8), "corrupted"),
    (gzip.compress(LABELS) + b"more", "corrupted"),
    (HTML, "HTML or XML page"),
    (gzip.compress(HTML), "HTML or XML page"),
    (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "HTML or XML page"),
    (b"PK\x03\x04" + bytes(2000), "neither gzip nor IDX"),
    (WRONG_SHAPE, "wrong IDX header"),
    (WRONG_TYPE, "wrong IDX header"),
    (gzip.compress(WRONG_SHAPE), "wrong IDX header"),
    (LABELS + b"\0", "too long"),
    (gzip.compress(LABELS + b"\0"), "too long"),
    (LABELS[:-1] + b"\7", "wrong checksum"),
    (gzip.compress(LABELS[:-1] + b"\7"), "wrong checksum"),
]


@pytest.mark.parametrize(("raw", "problem"), BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_named_for_bytes_and_for_files(raw, problem, tmp_path):
    path = tmp_path / "t"
    path.write_bytes(raw)
    for check in (
        lambda: files.check_content(raw, FILE, path),
        lambda: files.read_file(path, FILE),
    ):
        with pytest.raises(DataError, match=problem) as caught:
            check()
        message = str(caught.value)
        assert str(path) in message
        assert "expected train-labels-idx1-ubyte with 1000 unsigned bytes" in message
        assert "get a fresh copy" in message
        assert caught.value.summary in message


@pytest.mark.parametrize("name", ["labels", "labels.gz"])
def test_plain_and_gzipped_files_are_told_apart_by_content(name, tmp_path):
    for raw in (
        LABELS,
        gzip.compress(LABELS),
        gzip.compress(LABELS[:9]) + gzip.compress(LABELS[9:]),
    ):
        path = tmp_path / name
        path.write_bytes(raw)
        assert files.read_file(path, FILE) == LABELS


def test_a_gzip_bomb_does_not_fill_the_memory(tmp_path, measure_peak):
    bomb = gzip.compress(LABELS + bytes(50 * MB))
    assert len(bomb) < FILE.size + files.SLACK
    (tmp_path / "bomb.gz").write_bytes(bomb)
    with measure_peak() as peak, pytest.raises(DataError, match="too long"):
        files.read_file(tmp_path / "bomb.gz", FILE)
    assert peak() < 4 * MB


def test_a_huge_file_is_not_read_as_a_whole(tmp_path, measure_peak):
    path = tmp_path / "huge"
    with path.open("wb") as stream:
        stream.write(LABELS)
        stream.truncate(500 * MB)
    with measure_peak() as peak, pytest.raises(DataError, match="too long"):
        files.read_file(path, FILE)
    assert peak() < 4 * MB


def test_a_missing_file_is_an_error_of_its_own(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "nothing", tmp_path / "file" / "below"):
        with pytest.raises(MissingFileError, match="is missing"):
            files.read_file(path, FILE)


def test_what_cannot_be_read_is_no_surprise(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "loop", tmp_path / ("x" * 300)):
        with pytest.raises(DataError, match="cannot be read"):
            files.read_file(path, FILE)


def test_the_table_describes_the_published_files(published_files):
    assert [file.size for file in files.MNIST_FILES] == [47_040_016, 60_008, 7_840_016, 10_008]
    assert [file.header[3] for file in files.MNIST_FILES] == [3, 1, 3, 1]
    for file in files.MNIST_FILES if published_files else ():
        content = files.read_file(published_files / f"{file.name}.gz", file)
        assert files.parse(content, file).shape == file.shape


CONTENT = struct.pack(">HBBI", 0, 8, 1, 4) + bytes(range(4))
FOUR = idx_file(CONTENT, "labels")
EXPECTED = (
    f"expected labels with 4 unsigned bytes and SHA-256 {FOUR.sha256[:12]}..., plain or gzipped"
)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (CONTENT + bytes(files.SLACK + 1), "is too long"),
        (CONTENT + b"x", "is too long"),
        (gzip.compress(CONTENT)[:-9], "is truncated (its gzip data end early)"),
        (b"\x1f\x8b" + bytes(40), "is corrupted (its gzip data cannot be decompressed)"),
        (CONTENT[:-1], "is truncated (11 bytes)"),
        (
            struct.pack(">HBBII", 0, 8, 2, 2, 2) + bytes(4),
            "has the wrong IDX header (other dimensions or another type)",
        ),
    ],
    ids=["far too long", "too long", "gzip cut", "gzip broken", "cut", "other shape"],
)
def test_the_message_says_what_is_wrong_and_what_was_expected(raw, problem):
    with pytest.raises(DataError) as caught:
        files.check_content(raw, FOUR, "here")
    assert str(caught.value).startswith(f"here {problem}; {EXPECTED}: ")
    assert caught.value.summary == f"here {problem}"


def test_shapes_are_told_with_a_cross():
    file = files.IDXFile("images", (2, 28, 28), "0" * 64)
    with pytest.raises(DataError, match="expected images with 2 x 28 x 28 unsigned bytes"):
        files.check_content(b"", file, "here")


def test_what_is_no_file_is_told_with_its_path(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match=rf"{tmp_path}/pipe cannot be read \(not a regular file\)"):
        files.read_file(tmp_path / "pipe", FOUR)


def test_a_file_may_be_as_long_as_is_looked_at(tmp_path):
    (tmp_path / "labels").write_bytes(CONTENT + bytes(files.SLACK + 5))
    with pytest.raises(DataError, match="is too long"):
        files.read_file(tmp_path / "labels", FOUR)
