"""The four files of MNIST: what each must hold, and how it is read and checked."""

import errno
import gzip
import hashlib
import io
import math
import re
import stat
import struct
import zlib
from dataclasses import dataclass

import numpy as np

from descent.data.errors import DataError, MissingFileError

# What a compressed copy may be longer than its content: gzip's header and its block markers.
SLACK = 64 * 1024
GZIP_MAGIC = b"\x1f\x8b"
IDX_MAGIC = b"\x00\x00"


@dataclass(frozen=True)
class IDXFile:
    """What a file of unsigned bytes in IDX format must hold.

    Attributes
    ----------
    name : str
        File name without ``.gz``.
    shape : tuple of int
        Dimensions of the array: (images, rows, columns) or (labels,).
    sha256 : str
        SHA-256 of the decompressed file, in hexadecimal.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self):
        """The bytes before the first element: two zeros, the type, the dimensions."""
        return struct.pack(f">BBBB{len(self.shape)}I", 0, 0, 8, len(self.shape), *self.shape)

    @property
    def size(self):
        """Length of the decompressed file in bytes."""
        return len(self.header) + math.prod(self.shape)


# LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998.
MNIST_FILES = (
    IDXFile(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    IDXFile(
        "train-labels-idx1-ubyte",
        (60_000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    IDXFile(
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    IDXFile(
        "t10k-labels-idx1-ubyte",
        (10_000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)


def read_file(path, file):
    """Read and check one file from disk.

    Parameters
    ----------
    path : pathlib.Path
        A plain or gzipped IDX file.
    file : IDXFile
        What it must hold.

    Returns
    -------
    bytes
        The decompressed file, checked.

    Raises
    ------
    MissingFileError
        If nothing lies at `path`.
    DataError
        If it cannot be read or does not hold `file`.
    """
    try:
        raw = _read_at_most(path, file.size + SLACK)
    except (FileNotFoundError, NotADirectoryError):
        raise MissingFileError(f"{path} is missing") from None
    except OSError as error:
        raise _bad(path, f"cannot be read ({error.strerror})", file) from None
    return check_content(raw, file, path)


def check_content(raw, file, where):
    """Decompress a file if need be, and check that it is the expected one.

    Parameters
    ----------
    raw : bytes
        A plain or gzipped IDX file, from disk or from the network.
    file : IDXFile
        What it must hold.
    where : str or pathlib.Path
        Path or URL that `raw` came from, for the message of an error.

    Returns
    -------
    bytes
        The decompressed file.

    Raises
    ------
    DataError
        If `raw` is anything else; the message names `where` and what is wrong with it.
    """
    content, problem = raw, None
    if len(raw) > file.size + SLACK:
        problem = "is too long"
    elif raw.startswith(GZIP_MAGIC):
        content, problem = _decompress(raw, file.size)
    problem = problem or _problem(content, file)
    if problem:
        raise _bad(where, problem, file)
    return content


def parse(content, file):
    """Return the array of a checked file.

    Parameters
    ----------
    content : bytes
        What `check_content` returned.
    file : IDXFile
        What it holds.

    Returns
    -------
    numpy.ndarray
        Read-only, of type uint8 and shape ``file.shape``; pixels are 0 (paper) to 255 (ink).
    """
    return np.frombuffer(content, np.uint8, offset=len(file.header)).reshape(file.shape)


def is_html(content):
    """Whether bytes are a web page, such as a login page sent in place of a file."""
    return re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|\?xml|!--)", content, re.I)


def _read_at_most(path, limit):
    # Opening a named pipe would wait for ever, and a huge file would fill the memory.
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    with path.open("rb") as stream:
        return stream.read(limit + 1)


def _decompress(raw, size):
    """Return the content and what is wrong with it; never inflate much more than `size` bytes."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            return stream.read(size + 1), None
    except EOFError:
        return b"", "is truncated (its gzip data end early)"
    except (OSError, zlib.error):
        return b"", "is corrupted (its gzip data cannot be decompressed)"


def _problem(content, file):
    """Say what keeps `content` from being `file`, or None."""
    if is_html(content):
        return "is an HTML or XML page, not data"
    if content and not content.startswith(IDX_MAGIC):
        return "is neither gzip nor IDX data"
    if not content.startswith(file.header[: len(content)]):
        return "has the wrong IDX header (other dimensions or another type)"
    if len(content) < file.size:
        return f"is truncated ({len(content):,} bytes)"
    if len(content) > file.size:
        return "is too long"
    if hashlib.sha256(content).hexdigest() != file.sha256:
        return "has the wrong checksum"
    return None


def _bad(where, problem, file):
    shape = " x ".join(str(length) for length in file.shape)
    return DataError(
        f"{where} {problem}; expected {file.name} with {shape} unsigned bytes and SHA-256 "
        f"{file.sha256[:12]}..., plain or gzipped: get a fresh copy of this file",
        summary=f"{where} {problem}",
    )
