"""Whether anything that a build depends on has changed since the last one that succeeded.

What is compared errs on one side only: a new terminal, a touched package or a stray file is taken
for a change, and the book is built once more.
"""

import hashlib
import json
import os
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from livepage.gpus import gpus
from livepage.repository import repository_url

RECORD = "last-build.json"  # in the folder _build
OUTSIDE = "outside.json"  # among what Sphinx keeps between builds
# Folders without sources, besides environments.
NO_SOURCES = {"_build", ".git", "__pycache__", "node_modules"}
NO_SOURCES |= {".pytest_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache"}
# Variables of a terminal or of make, which no page can show.
PASSED_OVER = {"_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL", "TERM"}
PASSED_OVER |= {"MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKE_TERMERR", "MAKE_TERMOUT", "MFLAGS"}
# Settings that name files which Sphinx does not list among what a page depends on.
PATHS = ("bibtex_bibfiles", "html_extra_path", "html_static_path", "templates_path")


def setup(app):
    """Register with Sphinx: note what a book takes from outside its folder."""
    app.connect("build-finished", _note_files_outside)


def inputs(folder):
    """Return a short text that changes when what is built from a book may change.

    Parameters
    ----------
    folder : pathlib.Path
        The book's folder.

    Returns
    -------
    str
        A SHA-256 sum over the files of the folder and of this package, the installed packages, the
        variables of the environment, the GPUs and the repository.
    """
    facts = {
        "python": [sys.version, sys.executable],
        "files": {str(path): _content_sum(path) for path in _sources(folder)},
        "installed": _installed(),
        "variables": {name: os.environ[name] for name in {*os.environ} - PASSED_OVER},
        "gpus": gpus(),
        "repository": repository_url(folder=folder),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def is_built(built, given, products, folders):
    """Tell whether the last build that succeeded made this of the same inputs, and all is there.

    Parameters
    ----------
    built : pathlib.Path
        The folder ``_build`` of the book.
    given : str
        As from `inputs`.
    products : list of str
        What is asked for. A build that made more will do.
    folders : list of str
        Those in ``built`` that must be as the build left them.
    """
    if not (built / RECORD).is_file():
        return False
    text = (built / RECORD).read_text()
    made = json.loads(text).get("products", [])
    return {*products} <= {*made} and text == _record(built, given, made, folders)


def record(built, given, products, folders):
    """Note a build that has succeeded, unless its book takes files from outside its folder."""
    outside = built / "workshop" / "_build" / ".doctrees" / OUTSIDE
    if outside.is_file() and not json.loads(outside.read_text()):
        (built / RECORD).write_text(_record(built, given, products, folders))
    else:
        (built / RECORD).unlink(missing_ok=True)


def _record(built, given, products, folders):
    outputs = [
        (str(path.relative_to(built)), path.stat().st_size, path.stat().st_mtime_ns)
        for name in folders
        for path in sorted((built / name).rglob("*"))
        if path.is_file()
    ]
    return json.dumps({"inputs": given, "products": products, "outputs": outputs})


def _sources(folder):
    """Return all files that a build may read, of the book and of this package."""
    return sorted({path for root in (folder, Path(__file__).parent) for path in _files(root)})


def _files(root):
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if _has_sources(Path(folder, name))]
        yield from (Path(folder, name) for name in names)


def _has_sources(folder):
    no_environment = not (folder / "pyvenv.cfg").exists()
    return folder.name not in NO_SOURCES and folder.suffix != ".egg-info" and no_environment


def _content_sum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"


def _installed():
    """Return name and time of what describes each package of Python, and of npm."""
    folders = {Path(folder) for folder in sys.path if Path(folder).is_dir()}
    described = [path for folder in folders for path in folder.glob("*-info")]
    modules = Path(sysconfig.get_path("data"), "node_modules")
    described += [*modules.glob("*/package.json"), *modules.glob("@*/*/package.json")]
    return sorted((str(path), path.stat().st_mtime_ns) for path in described)


def _note_files_outside(app, error):
    if error:
        return
    inside = [app.srcdir, Path(__file__).parent, *sysconfig.get_paths().values()]
    named = [spec.origin for spec in map(find_spec, app.config.livepage_packages) if spec]
    named += [name for setting in PATHS for name in getattr(app.config, setting, [])]
    named += [name for names in app.env.dependencies.values() for name in names]
    paths = {Path(app.srcdir, name).resolve() for name in named}
    inside = [Path(folder).resolve() for folder in inside]
    outside = [str(path) for path in paths if not any(map(path.is_relative_to, inside))]
    Path(app.doctreedir, OUTSIDE).write_text(json.dumps(sorted(outside)))
