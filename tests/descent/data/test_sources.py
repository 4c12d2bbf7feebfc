import gzip
import threading
import time
from pathlib import Path

import pytest

from descent.data import mirrors
from descent.data.errors import DataError
from descent.data.sources import find_mnist, read_settings

HTML = b"<!doctype html><title>Please log in</title>"


@pytest.fixture
def use(monkeypatch):
    """Set the mirrors, as servers or URLs."""

    def use(*servers):
        urls = tuple(getattr(server, "url", server) for server in servers)
        monkeypatch.setattr(mirrors, "MIRRORS", urls)

    return use


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The folder that DESCENT_DATA_DIR names."""
    monkeypatch.setenv("DESCENT_DATA_DIR", str(tmp_path / "given"))
    return tmp_path / "given"


def find():
    return find_mnist(read_settings())


def in_cache(mnist):
    return {f"MNIST/raw/{name}": content for name, content in mnist.plain.items()}


# The environment


def test_by_default_all_is_automatic(monkeypatch):
    for dataset in (None, "", "auto"):
        if dataset is not None:
            monkeypatch.setenv("DESCENT_DATASET", dataset)
        assert read_settings().dataset == "auto"
    monkeypatch.setenv("DESCENT_DATA_DIR", "")
    assert read_settings().folder is None


@pytest.mark.parametrize("word", ["MNIST", "imagenet", "0", " "])
def test_a_bad_word_is_answered_with_the_good_ones(monkeypatch, word):
    monkeypatch.setenv("DESCENT_DATASET", word)
    with pytest.raises(DataError, match=f"DESCENT_DATASET is '{word}'; .*auto, mnist or digits"):
        read_settings()


def test_folders_may_be_relative_and_start_at_home(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for given, meant in (("a/b", "a/b"), ("~/a", "home/a"), ("~no-such-user/a", "~no-such-user/a")):
        monkeypatch.setenv("DESCENT_DATA_DIR", given)
        assert read_settings().folder == tmp_path / meant
    monkeypatch.delenv("DESCENT_CACHE_DIR")
    assert read_settings().cache.name == "descent"


# A folder


@pytest.mark.parametrize("below", ["", "MNIST/raw"])
@pytest.mark.parametrize("gzipped", [True, False])
def test_a_folder_is_enough(mnist, folder, below, gzipped, cached, capsys):
    mnist.write(folder / below, gzipped)
    assert find() == mnist.plain
    assert cached() == {}
    assert capsys.readouterr().err == ""


def test_a_folder_comes_before_the_cache_and_both_before_the_network(
    mnist, folder, tmp_path, serve, use
):
    server = serve(mnist.routes())
    use(server)
    mnist.write(tmp_path / "cache" / "MNIST" / "raw")
    assert find() == mnist.plain
    mnist.write(folder)
    for path in (tmp_path / "cache").rglob("*ubyte"):
        path.write_bytes(b"bad")
    assert find() == mnist.plain
    assert server.requests == []


def spoil(content, how, other):
    return {
        "truncated": content[:-30],
        "corrupted": content[:40] + bytes([content[40] ^ 255]) + content[41:],
        "HTML": HTML,
        "other": other,
        "bomb": gzip.compress(gzip.decompress(content) + bytes(10**6)),
        "empty": b"",
    }[how]


WAYS = ["truncated", "corrupted", "HTML", "other", "bomb", "empty"]


@pytest.mark.parametrize("how", WAYS)
def test_a_bad_file_is_named_and_the_next_place_is_tried(
    mnist, other_mnist, folder, serve, use, how, capsys
):
    mnist.write(folder, gzipped=True)
    bad = folder / f"{mnist.names[2]}.gz"
    bad.write_bytes(spoil(mnist.gz[mnist.names[2]], how, other_mnist.gz[mnist.names[2]]))
    server = serve(mnist.routes())
    use(server)
    assert find() == mnist.plain
    assert server.requests == [f"/{bad.name}"]  # what is good is not downloaded
    told = capsys.readouterr().err.splitlines()
    assert str(bad) in told[0]
    assert len(told) == 2


@pytest.mark.parametrize("how", WAYS)
def test_with_no_other_place_a_bad_file_is_named_in_one_sentence(mnist, other_mnist, folder, how):
    mnist.write(folder, gzipped=True)
    bad = folder / f"{mnist.names[0]}.gz"
    bad.write_bytes(spoil(mnist.gz[mnist.names[0]], how, other_mnist.gz[mnist.names[0]]))
    with pytest.raises(DataError, match=str(bad)) as caught:
        find()
    check_sentence(caught)


def test_a_good_copy_beside_a_bad_one_is_used(mnist, folder, capsys):
    mnist.write(folder, gzipped=True)
    (folder / mnist.names[0]).write_bytes(b"half an unpacked file")
    assert find() == mnist.plain
    assert f"{folder / mnist.names[0]} is neither gzip nor IDX" in capsys.readouterr().err


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_the_files_is_told(mnist, folder, exists, capsys):
    if exists:
        folder.mkdir()
    with pytest.raises(DataError, match=f"{folder} has none of MNIST's files") as caught:
        find()
    check_sentence(caught)
    assert capsys.readouterr().err.count(str(folder)) == 1


def test_a_lacking_file_is_named(mnist, folder, capsys):
    mnist.write(folder)
    (folder / mnist.names[3]).unlink()
    with pytest.raises(DataError, match=f"{folder} has no {mnist.names[3]}"):
        find()
    assert f"{folder} has no {mnist.names[3]}" in capsys.readouterr().err


# The network and the cache


def test_a_download_is_kept_for_the_next_time_and_for_torchvision(
    mnist, serve, use, cached, tmp_path
):
    from descent.data.vision import torchvision

    server = serve(mnist.routes())
    use(server)
    assert find() == mnist.plain
    assert cached() == in_cache(mnist)
    use()
    assert find() == mnist.plain
    theirs = torchvision.datasets.MNIST(tmp_path / "cache", train=False)
    assert theirs.data.numpy().tolist() == mnist.arrays[mnist.names[2]].tolist()


@pytest.mark.parametrize("how", WAYS)
def test_a_bad_download_leads_to_the_next_mirror(
    mnist, other_mnist, serve, use, how, cached, capsys
):
    name = mnist.names[2]
    bad = serve(mnist.routes(t10k_images=spoil(mnist.gz[name], how, other_mnist.gz[name])))
    good = serve(mnist.routes())
    use(bad, good)
    assert find() == mnist.plain
    assert good.requests == [f"/{name}.gz" for name in mnist.names[2:]]
    assert cached() == in_cache(mnist)
    assert f"{bad.url}{name}.gz" in capsys.readouterr().err


@pytest.mark.parametrize("how", WAYS)
def test_with_no_other_mirror_a_bad_download_is_named_in_one_sentence(
    mnist, other_mnist, serve, use, how, cached
):
    name = mnist.names[2]
    bad = serve(mnist.routes(t10k_images=spoil(mnist.gz[name], how, other_mnist.gz[name])))
    use(bad)
    with pytest.raises(DataError, match=f"{bad.url}{name}.gz") as caught:
        find()
    check_sentence(caught)
    assert cached().keys() == {f"MNIST/raw/{name}" for name in mnist.names[:2]}


@pytest.mark.parametrize("way", [404, 503, "hang", "drip"])
def test_a_failing_mirror_leads_to_the_next(
    mnist, serve, use, misbehave, short_limits, way, capsys
):
    bad = serve(mnist.routes(train_images=misbehave.get(way, way)))
    use("http://127.0.0.1:1/", bad, serve(mnist.routes()))
    start = time.monotonic()
    assert find() == mnist.plain
    assert time.monotonic() - start < 10
    told = capsys.readouterr().err
    assert "http://127.0.0.1:1/: cannot be reached" in told
    assert f"{bad.url}{mnist.names[0]}.gz" in told


def test_no_network_is_decided_by_one_time_limit(mnist, serve, use, misbehave, short_limits):
    use(*(serve({}, head=misbehave["hang"]) for _ in range(4)))
    start = time.monotonic()
    with pytest.raises(DataError, match=r"did not answer within 0\.8 s") as caught:
        find()
    assert time.monotonic() - start < 2.8  # one after the other they take 3.2 s
    check_sentence(caught)


def test_the_first_mirror_that_answers_is_not_kept_waiting(mnist, serve, use, misbehave):
    use(serve(mnist.routes()), serve({}, head=misbehave["hang"]))
    start = time.monotonic()
    assert find() == mnist.plain
    assert time.monotonic() - start < 4  # the limit for an answer is 5 s here


def test_a_bad_file_in_the_cache_is_told_and_replaced(mnist, serve, use, tmp_path, cached, capsys):
    use(serve(mnist.routes()))
    raw = mnist.write(tmp_path / "cache" / "MNIST" / "raw")
    (raw / mnist.names[1]).write_bytes(mnist.plain[mnist.names[1]][:-1])
    assert find() == mnist.plain
    assert cached() == in_cache(mnist)
    assert f"{raw / mnist.names[1]} is truncated" in capsys.readouterr().err
    assert find() == mnist.plain
    assert capsys.readouterr().err == ""


def test_an_unwritable_cache_costs_only_a_notice(mnist, serve, use, tmp_path, capsys):
    (tmp_path / "cache").write_text("a file where the folder should be")
    use(serve(mnist.routes()))
    assert find() == mnist.plain
    assert capsys.readouterr().err.count("cannot be written") == 1


def test_an_interrupt_leaves_only_whole_files(mnist, serve, use, monkeypatch, cached):
    use(serve(mnist.routes()))
    write_bytes = Path.write_bytes

    def interrupted(path, content):
        write_bytes(path, content[:5] if mnist.names[1] in path.name else content)
        if mnist.names[1] in path.name:
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        find()
    first = f"MNIST/raw/{mnist.names[0]}"
    assert cached() == {first: mnist.plain[mnist.names[0]]}


def test_many_may_download_at_once(mnist, serve, use, cached):
    use(serve(mnist.routes()))
    results = []
    threads = [threading.Thread(target=lambda: results.append(find())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [mnist.plain] * 6
    assert cached() == in_cache(mnist)


def check_sentence(caught):
    """One sentence: what was tried, and what to do."""
    message = str(caught.value)
    assert message.startswith("MNIST could not be loaded from DESCENT_DATA_DIR (")
    assert "the cache (" in message
    assert "\n" not in message
    assert ". " not in message
    for advice in ("set DESCENT_DATA_DIR", "connect to the network", "DESCENT_DATASET=digits"):
        assert advice in message
