import gzip
import io
import tarfile

import pytest

from descent.data import mirrors
from descent.data.errors import DataError
from descent.data.mirrors import fetch, unpack
from descent.data.vision import torchvision

WHERE = "http://somewhere/download"


def make_tar(members, mode="w:gz"):
    """A tar archive of (name, content) pairs, or of whole members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def link(name, target, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def layout(mnist, pattern, gzipped):
    contents = mnist.gz if gzipped else mnist.plain
    return [(pattern.format(name), content) for name, content in contents.items()]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize(
    ("pattern", "gzipped"),
    [
        ("MNIST/raw/{}", False),
        ("MNIST/raw/{}.gz", True),
        ("{}", False),
        ("./a/b/c/{}.gz", True),
        ("MNIST/raw/{}.gz", False),
    ],
)
def test_files_are_found_wherever_the_archive_has_them(mnist, mode, pattern, gzipped):
    archive = make_tar(layout(mnist, pattern, gzipped), mode)
    assert dict(unpack(archive, mnist.table, WHERE)) == mnist.plain


def test_only_what_is_wanted_is_read(mnist):
    archive = make_tar([("MNIST/processed/training.pt", b"x"), *layout(mnist, "{}", True)])
    assert dict(unpack(archive, mnist.table[2:], WHERE)).keys() == set(mnist.names[2:])


def test_a_bad_copy_does_not_hide_a_good_one(mnist):
    bad = [(f"MNIST/raw/{name}.gz", gz[:-20]) for name, gz in mnist.gz.items()]
    for members in (bad + layout(mnist, "MNIST/raw/{}", False), layout(mnist, "{}", False) + bad):
        assert dict(unpack(make_tar(members), mnist.table, WHERE)) == mnist.plain


def test_a_file_that_is_there_twice_does_not_hide_those_behind_it(mnist):
    members = layout(mnist, "{}", False)
    archive = make_tar([members[0], *members])
    assert dict(unpack(archive, mnist.table, WHERE)) == mnist.plain


def test_a_bad_member_is_named(mnist, other_mnist):
    name = mnist.names[3]
    members = layout(mnist, "MNIST/raw/{}", False)[:3]
    members.append((f"raw/{name}", other_mnist.plain[name]))
    with pytest.raises(DataError, match=f"{WHERE}: {name} has the wrong checksum"):
        dict(unpack(make_tar(members), mnist.table, WHERE))


def test_a_lacking_member_is_named(mnist):
    archive = make_tar(layout(mnist, "{}", False)[:3])
    with pytest.raises(DataError, match=f"{WHERE} has no {mnist.names[3]}"):
        dict(unpack(archive, mnist.table, WHERE))


def test_a_malicious_archive_reads_and_writes_nothing_outside(mnist, tmp_path, monkeypatch):
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    good, secret = mnist.plain[mnist.names[0]], tmp_path / "secret"
    secret.write_bytes(good)
    names = mnist.names
    members = [
        (link(f"MNIST/raw/{names[0]}", str(secret), tarfile.SYMTYPE), b""),
        (link(f"MNIST/raw/{names[0]}.gz", "../../../secret", tarfile.LNKTYPE), b""),
        (link(names[0], "", tarfile.DIRTYPE), b""),
        (link(names[0], "", tarfile.FIFOTYPE), b""),
        (link(names[0], "", tarfile.CHRTYPE), b""),
        ("../../escaped", b"evil"),
        (f"{tmp_path}/absolute", b"evil"),
        (f"../{names[1]}", mnist.plain[names[1]]),
        (f"/{names[2]}", mnist.plain[names[2]]),
        (f"../../../etc/{names[3]}.gz", mnist.gz[names[3]]),
    ]
    received = {}
    with pytest.raises(DataError, match=f"has no {names[0]}"):
        received.update(unpack(make_tar(members), mnist.table, WHERE))
    got = dict(unpack(make_tar(members), mnist.table[1:], WHERE))
    assert got == {name: mnist.plain[name] for name in names[1:]}
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["inside", "secret"]


def test_a_cut_archive_and_other_files_are_named(mnist):
    whole = make_tar(layout(mnist, "{}", True))
    plain = make_tar(layout(mnist, "{}", True), "w")
    for archive in (whole[: len(whole) // 2], plain[: len(plain) // 2], b"\x1f\x8b", b"x" * 9000):
        with pytest.raises(DataError, match=f"{WHERE} is not a whole tar archive"):
            dict(unpack(archive, mnist.table, WHERE))
    with pytest.raises(DataError, match=f"{WHERE} is an HTML or XML page"):
        dict(unpack(b"<html>Sign in</html>", mnist.table, WHERE))
    with pytest.raises(DataError, match=WHERE):
        dict(unpack(b"", mnist.table, WHERE))


def test_an_archive_that_is_a_bomb_is_given_up(mnist, monkeypatch, measure_peak):
    monkeypatch.setattr(mirrors, "UNPACKED_BYTES", 3 * 2**20)
    beside = make_tar([("big", bytes(20 * 2**20)), *layout(mnist, "{}", False)])
    within = make_tar([(mnist.names[0], bytes(20 * 2**20))])
    long_name = make_tar([("x" * (20 * 2**20), b"")])
    for archive in (beside, within, long_name):
        with measure_peak() as peak, pytest.raises(DataError):
            dict(unpack(archive, mnist.table, WHERE))
        assert peak() < 12 * 2**20


def test_a_folder_and_an_archive_on_a_server_give_the_same(mnist, serve):
    archive = make_tar(layout(mnist, "MNIST/raw/{}.gz", True))
    server = serve(mnist.routes() | {"/download": archive})
    assert dict(fetch(server.url, mnist.table)) == mnist.plain
    assert dict(fetch(f"{server.url}download", mnist.table)) == mnist.plain


def test_an_error_names_the_file_on_the_server(mnist, serve):
    server = serve(mnist.routes(t10k_labels=gzip.compress(b"<html>busy</html>")))
    url = f"{server.url}{mnist.names[3]}.gz"
    with pytest.raises(DataError, match=f"{url} is an HTML or XML page"):
        dict(fetch(server.url, mnist.table))


def test_a_probe_asks_for_what_would_be_downloaded(mnist, serve):
    asked = []

    def head(handler, released):
        asked.append(handler.path)
        handler.send_response(200)
        handler.end_headers()

    server = serve({}, head)
    assert mirrors.probe(server.url).problem() is None
    assert mirrors.probe(f"{server.url}download").problem() is None
    assert asked == [f"/{mnist.names[0]}.gz", "/download"]


def test_the_mirrors_are_torchvisions_then_the_courses(published_mirrors):
    *torchvisions, course = published_mirrors
    assert set(torchvisions) == set(torchvision.datasets.MNIST.mirrors)
    assert course == "https://osf.io/y2fj6/download"
