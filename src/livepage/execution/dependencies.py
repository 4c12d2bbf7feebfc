"""What the output of a chapter depends on, besides its own code."""

import ast
import hashlib
import json
import os
import platform
import sys
from fnmatch import fnmatch
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import grimp

from livepage.gpus import gpus

version = lru_cache(metadata.version)  # asked for each chapter anew


def imported_modules(code):
    """Return the names of all modules that a piece of Python code may import.

    Parameters
    ----------
    code : str
        The code cells of a chapter, joined. Lines that start with ``%`` or ``!`` are passed over.

    Returns
    -------
    set of str
        Dotted names. ``from a import b`` gives both ``a`` and ``a.b``, because b may be a module.

    Raises
    ------
    SyntaxError
        If the code is not valid Python.
    """
    plain = [line for line in code.splitlines() if not line.lstrip().startswith(("%", "!"))]
    names = set()
    for node in ast.walk(ast.parse("\n".join(plain))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def fingerprint(modules, packages, variables):
    """Return a short text that changes when the output of a chapter may change.

    Parameters
    ----------
    modules : iterable of str
        What the chapter imports, as from `imported_modules`.
    packages : sequence of str
        The book's own packages. Of these, the files that the chapter reaches count, directly or
        through other modules, and the data files beside them.
    variables : sequence of str
        Patterns for the environment variables that count, such as ``"DESCENT_*"``.

    Returns
    -------
    str
        A SHA-256 sum over those files, over the versions of Python and of the imported
        distributions, over those variables, and over the GPUs of the machine.
    """
    own, foreign = _reached(frozenset(modules), tuple(packages))
    facts = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "gpus": gpus(),
        "files": {str(path): _content_sum(path) for path in _files(own)},
        "versions": {name: version(name) for name in _distributions(foreign)},
        "variables": {
            name: value
            for name, value in os.environ.items()
            if any(fnmatch(name, pattern) for pattern in variables)
        },
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@lru_cache
def _import_graph(packages):
    return grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)


def _reached(modules, packages):
    """Split all modules that an import reaches into the book's own and the top level of others."""
    graph = _import_graph(packages)
    known = modules & graph.modules
    reached = known.union(*(graph.find_upstream_modules(name) for name in known))
    own = {name for name in reached if name.split(".")[0] in packages}
    # Importing a.b.c runs the __init__ of a and of a.b, and so whatever these import.
    parents = {name.rpartition(".")[0] for name in own} - own - {""}
    if parents:
        return _reached(modules | own | parents, packages)
    foreign = {name.split(".")[0] for name in reached | modules} - set(packages)
    return own, foreign


def _files(modules):
    """Return the source file of each module, and the data files that lie beside one."""
    sources = {_source_file(name) for name in modules}
    folders = {source.parent for source in sources}
    beside = {path for folder in folders for path in folder.iterdir() if path.is_file()}
    return sorted(sources | {path for path in beside if not path.suffix.startswith(".py")})


def _source_file(module):
    top, *rest = module.split(".")
    path = _folder(top).joinpath(*rest)
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@lru_cache
def _folder(package):
    return Path(find_spec(package).origin).parent


def _content_sum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _distributions(modules):
    """Return the distributions, such as scikit-learn, that top-level modules belong to."""
    return sorted(set().union(*map(_distributions_with, modules - sys.stdlib_module_names)))


@lru_cache
def _distributions_with(module):
    lines = f"\n{module}/", f"\n{module}."
    found = {dist.name for dist, files in _installed() if any(line in files for line in lines)}
    return found or set(metadata.packages_distributions().get(module, ()))


@lru_cache
def _installed():
    """Return all distributions, each with the list of its files, as text.

    `importlib.metadata.packages_distributions` takes it apart for all of them, which takes as long
    as to read a chapter.
    """
    return [(dist, f"\n{dist.read_text('RECORD') or ''}") for dist in metadata.distributions()]
