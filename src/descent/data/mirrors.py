"""The places on the network that hold MNIST, and how each of them holds it."""

import gzip
import io
import tarfile
import zlib
from pathlib import PurePosixPath

from descent.data import files
from descent.data.errors import DataError
from descent.data.network import Probe, download

# A URL that ends in "/" is a folder of gzipped files, any other a tar archive that holds them.
# The first two are torchvision's, the last is the original course's copy.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
    "https://osf.io/y2fj6/download",
)
ARCHIVE_BYTES = 128 * 2**20
UNPACKED_BYTES = 256 * 2**20

ARCHIVE_FAILURES = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError)


def probe(mirror):
    """Start to ask whether a mirror answers; see `descent.data.network.Probe`."""
    is_folder = mirror.endswith("/")
    return Probe(f"{mirror}{files.MNIST_FILES[0].name}.gz" if is_folder else mirror)


def fetch(mirror, wanted):
    """Download files from one mirror.

    Parameters
    ----------
    mirror : str
        One of `MIRRORS`.
    wanted : list of descent.data.files.IDXFile
        The files to get.

    Yields
    ------
    (str, bytes)
        Name and checked, decompressed content of one file after the other.

    Raises
    ------
    DataError
        When a file does not arrive or is not what it should be.
    """
    if not mirror.endswith("/"):
        yield from unpack(download(mirror, ARCHIVE_BYTES), wanted, mirror)
        return
    for file in wanted:
        url = f"{mirror}{file.name}.gz"
        yield file.name, files.check_content(download(url, file.size + files.SLACK), file, url)


def unpack(archive, wanted, where):
    """Read files from a tar archive in memory; nothing is written to disk.

    Members are found by base name, so the folders in the archive do not matter, and only regular
    files are read, so its links lead nowhere.

    Parameters
    ----------
    archive : bytes
        A tar archive, gzipped or not, with the files gzipped or not.
    wanted : list of descent.data.files.IDXFile
        The files to get.
    where : str
        URL of the archive, for the message of an error.

    Yields
    ------
    (str, bytes)
        Name and checked, decompressed content of one file after the other.

    Raises
    ------
    DataError
        If the archive cannot be read, or a file is not in it or is not what it should be.
    """
    missing, problems = {file.name: file for file in wanted}, []
    for name, raw in _members(archive, wanted, where):
        file = missing.get(name.removesuffix(".gz"))
        if file is None:
            continue
        try:
            content = files.check_content(raw, file, f"{where}: {name}")
        except DataError as error:
            problems.append(error)
            continue
        del missing[file.name]
        yield file.name, content
        if not missing:
            return
    raise problems[0] if problems else DataError(f"{where} has no {' and no '.join(missing)}")


def _members(archive, wanted, where):
    """Yield base name and bytes of the regular members that bear the name of a wanted file."""
    limits = {file.name: file.size + files.SLACK for file in wanted}
    limits |= {f"{name}.gz": limit for name, limit in limits.items()}
    try:
        with tarfile.open(fileobj=_Bounded(archive), mode="r|") as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                if member.isreg() and name in limits:
                    yield name, tar.extractfile(member).read(limits[name] + 1)
    except ARCHIVE_FAILURES:
        raise _unreadable(archive, where) from None


def _unreadable(archive, where):
    if files.is_html(archive):
        return DataError(f"{where} is an HTML or XML page, not data")
    return DataError(f"{where} is not a whole tar archive")


class _Bounded:
    """A decompressed archive to read from once, which ends in an error if it is far too long."""

    def __init__(self, archive):
        stream = io.BytesIO(archive)
        is_gzip = archive.startswith(files.GZIP_MAGIC)
        self._stream = gzip.GzipFile(fileobj=stream) if is_gzip else stream
        self._left = UNPACKED_BYTES

    def read(self, size):
        self._left -= size
        if self._left < 0:
            raise OSError("the archive is too long")
        return self._stream.read(size)
