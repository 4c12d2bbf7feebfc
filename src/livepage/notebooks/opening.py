"""The first cell of a notebook: what is missing is installed, and what is there stays as it is."""

import os
import tomllib
from pathlib import Path

from livepage.notebooks.chapter import Cell

INSTALL = """\
# @title Set up: install {distribution} if it is missing
import importlib
import subprocess
import sys

try:
    import {package}
except ImportError:
    print("Installing {distribution}. This takes about a minute.")
    source = "{distribution}{extra} @ git+{repository}{branch}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", source]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError("pip could not install it. It says:\\n" + done.stderr)
    importlib.invalidate_caches()
    import {package}
"""
ASK = """\
# @title Set up: see whether {distribution} is installed
try:
    import {package}
except ImportError:
    raise RuntimeError(
        "This notebook needs the package {distribution}, which is not installed here. "
        "In the folder of the book, type: pip install ."
    ) from None
"""


def opening(package, folder, repository, environment=os.environ, extra=""):
    """Return the first cell, or ``None`` for a book without a package of its own.

    Parameters
    ----------
    package : str
        What notebooks import.
    folder : str or pathlib.Path
        The book's, with the ``pyproject.toml`` that names the distribution.
    repository : str
        Its web address; empty if it is not known.
    environment : mapping of str to str
        Where GitHub's workflows say which branch they run for. Without them pip takes the
        repository's default branch.
    extra : str
        An optional part of the distribution that is installed with it, if the distribution has it.
    """
    project = Path(folder) / "pyproject.toml"
    if not package or not project.is_file():
        return None
    described = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    has_extra = extra in described.get("optional-dependencies", {})
    on_branch = environment.get("GITHUB_REF_TYPE") == "branch"
    branch = f"@{environment['GITHUB_REF_NAME']}" if on_branch else ""
    source = (INSTALL if repository else ASK).format(
        package=package,
        distribution=described["name"],
        extra=f"[{extra}]" if has_extra else "",
        repository=repository,
        branch=branch,
    )
    metadata = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["set-up"]}
    return Cell("code", source.rstrip(), metadata)
