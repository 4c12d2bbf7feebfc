"""Where the digits come from: a folder, the cache or the network, by what the environment says."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from descent.data import files, mirrors
from descent.data.cache import Cache
from descent.data.errors import DataError, MissingFileError, notice

DATASETS = ("auto", "mnist", "digits")
ADVICE = "set DESCENT_DATA_DIR to a folder with its four files or connect to the network"


@dataclass(frozen=True)
class Settings:
    """What the environment asks for.

    Attributes
    ----------
    dataset : str
        ``DESCENT_DATASET``: "auto" (default), "mnist" or "digits".
    folder : pathlib.Path or None
        ``DESCENT_DATA_DIR``: a folder with MNIST's files, or with ``MNIST/raw`` that has them.
    cache : pathlib.Path
        ``DESCENT_CACHE_DIR``: where downloads are kept; by default the user's cache folder.
    """

    dataset: str
    folder: Path | None
    cache: Path


def read_settings():
    """Read the environment, where an empty variable counts as one that is not set.

    Returns
    -------
    Settings
        What it asks for.

    Raises
    ------
    DataError
        If ``DESCENT_DATASET`` is none of the three words.
    """
    dataset = os.environ.get("DESCENT_DATASET") or "auto"
    if dataset not in DATASETS:
        raise DataError(f"DESCENT_DATASET is {dataset!r}; set it to auto, mnist or digits")
    folder = os.environ.get("DESCENT_DATA_DIR")
    cache = os.environ.get("DESCENT_CACHE_DIR") or user_cache_path("descent", appauthor=False)
    return Settings(dataset, _full(folder) if folder else None, _full(cache))


def find_mnist(settings):
    """Find MNIST's four files, each in the first place that has a good copy of it.

    The places are the folder, the cache and the mirrors, in this order. Trouble with one of them
    is told in a line on stderr, and the next is tried. Downloads are kept in the cache.

    Parameters
    ----------
    settings : Settings
        Which folder and which cache.

    Returns
    -------
    dict of str to bytes
        Decompressed, checked content of each file, by name.

    Raises
    ------
    DataError
        If a file is nowhere to be had; one sentence says what was tried and what to do.
    """
    found, tried = {}, ["DESCENT_DATA_DIR (not set)"]
    if settings.folder:
        tried = [_try_folder("DESCENT_DATA_DIR", settings.folder, found, tell_absent=True)]
    tried += [_try_folder("the cache", settings.cache, found, tell_absent=False)]
    tried += _try_mirrors(Cache(settings.cache), found)
    if _missing(found):
        raise DataError(
            f"MNIST could not be loaded from {', '.join(tried)}: {ADVICE}, "
            "or set DESCENT_DATASET=digits to use the embedded digits"
        )
    return found


def _full(path):
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:  # "~name" without such a user
        return Path(path).absolute()


def _missing(found):
    return [file for file in files.MNIST_FILES if file.name not in found]


def _try_folder(label, folder, found, tell_absent):
    """Add a folder's good files to `found`, tell of the bad ones; return it all as a phrase."""
    errors = _take(folder, found)
    for error in errors:
        if tell_absent or not isinstance(error, MissingFileError):
            notice(f"{label}: {error}")
    return f"{label} ({'; '.join(error.summary for error in errors)})"


def _take(folder, found):
    """Add the good files of a folder to `found`; return an error for each of the others."""
    errors, absent = [], []
    for file in _missing(found):
        met = _take_file(folder, file, found)
        errors += met
        if not met and file.name not in found:
            absent.append(file.name)
    if absent:
        has_none = len(absent) == len(files.MNIST_FILES)
        what = "has none of MNIST's files" if has_none else f"has no {' and no '.join(absent)}"
        errors.append(MissingFileError(f"{folder} {what}, plain or gzipped"))
    return errors


def _take_file(folder, file, found):
    """Add the first good copy of a file to `found`; return the errors met on the way to it."""
    errors = []
    for place in (folder, folder / "MNIST" / "raw"):
        for name in (file.name, f"{file.name}.gz"):
            try:
                found[file.name] = files.read_file(place / name, file)
                return errors
            except MissingFileError:
                continue
            except DataError as error:
                errors.append(error)
    return errors


def _try_mirrors(cache, found):
    """Download what `found` lacks; return what went wrong with each mirror."""
    if not _missing(found):
        return []
    probes = [mirrors.probe(mirror) for mirror in mirrors.MIRRORS]
    tried = []
    for mirror, probe in zip(mirrors.MIRRORS, probes, strict=True):
        problem = probe.problem() or _try_mirror(mirror, cache, found)
        if problem is None:
            return tried
        notice(f"{mirror}: {problem}")
        tried.append(f"{mirror} ({problem})")
    return tried


def _try_mirror(mirror, cache, found):
    """Download what `found` lacks; return what went wrong, or None."""
    notice(f"downloading MNIST from {mirror}")
    try:
        for name, content in mirrors.fetch(mirror, _missing(found)):
            found[name] = content
            cache.keep(name, content)
    except DataError as error:
        return error.summary
    return None
