import os
from pathlib import Path

import pytest

from descent.data.cache import Cache, place


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_files_lie_where_torchvision_looks(tmp_path):
    Cache(tmp_path).keep("name", b"content")
    assert listing(tmp_path) == ["MNIST", "MNIST/raw", "MNIST/raw/name"]
    assert (tmp_path / "MNIST" / "raw" / "name").read_bytes() == b"content"


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
@pytest.mark.parametrize("trouble", [KeyboardInterrupt, OSError])
def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step, trouble):
    place(b"old", tmp_path / "name")
    write_bytes = Path.write_bytes

    def interrupted(path, argument):
        if step == "write_bytes":
            write_bytes(path, argument[:2])
        raise trouble

    monkeypatch.setattr(Path, step, interrupted)
    with pytest.raises(trouble):
        place(b"new content", tmp_path / "name")
    assert listing(tmp_path) == ["name"]
    assert (tmp_path / "name").read_bytes() == b"old"


def test_a_reader_never_sees_half_a_file(tmp_path, monkeypatch):
    replace, seen = Path.replace, []

    def look(part, path):
        seen.append((path.exists(), part.parent == path.parent, part.read_bytes()))
        return replace(part, path)

    monkeypatch.setattr(Path, "replace", look)
    place(b"content", tmp_path / "name")
    assert seen == [(False, True, b"content")]


def test_two_writers_use_two_temporary_names(tmp_path, monkeypatch):
    replace, parts = Path.replace, []

    def another_writer_comes_between(part, path):
        parts.append(part)
        if len(parts) == 1:
            place(b"theirs", path)
        return replace(part, path)

    monkeypatch.setattr(Path, "replace", another_writer_comes_between)
    place(b"ours", tmp_path / "name")
    assert len(set(parts)) == 2
    assert (tmp_path / "name").read_bytes() == b"ours"
    assert listing(tmp_path) == ["name"]


def test_other_users_may_read_what_the_umask_lets_them(tmp_path):
    old = os.umask(0o022)
    try:
        place(b"content", tmp_path / "name")
    finally:
        os.umask(old)
    assert (tmp_path / "name").stat().st_mode & 0o777 == 0o644


def test_an_unwritable_cache_is_told_once(tmp_path, capsys):
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file")
    cache.keep("first", b"1")
    cache.keep("second", b"2")
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert f"the cache {tmp_path / 'file'} cannot be written" in told[0]
