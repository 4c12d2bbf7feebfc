"""Which pages have a notebook, and where the pages are on the web."""

import re
from pathlib import Path

import nbformat

GITHUB = re.compile(r"^https://github\.com/([^/]+)/([^/]+)$")


def has_notebook(env, docname):
    """Tell whether a page becomes a notebook: it has code, and does not say ``notebook: false``.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
        What Sphinx knows of the pages that it has read.
    docname : str
        A page, such as ``book/momentum``.
    """
    metadata = env.metadata[docname]
    if "kernelspec" not in metadata or str(metadata.get("notebook")).lower() == "false":
        return False
    return any(cell.cell_type == "code" for cell in executed_notebook(env, docname).cells)


def executed_notebook(env, docname):
    """Return the code of a page as MyST-NB has executed it, with all cells."""
    path = Path(env.mystnb_config.output_folder) / f"{docname}.ipynb"
    return nbformat.read(path, as_version=4)


def site_address(baseurl, repository):
    """Return where the site is published, with a slash at the end; empty if nobody knows.

    Parameters
    ----------
    baseurl : str
        The address in the book's configuration, which counts first.
    repository : str
        The web address of the repository. That of a repository on GitHub tells its GitHub Pages.
    """
    if baseurl:
        return baseurl.rstrip("/") + "/"
    match = GITHUB.match(repository)
    if not match:
        return ""
    owner, name = match[1].lower(), match[2]
    home = f"https://{owner}.github.io/"
    return home if name.lower() == f"{owner}.github.io" else f"{home}{name}/"
