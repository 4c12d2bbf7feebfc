"""Which pages have a notebook, and where the pages are on the web."""

import re
from pathlib import Path

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
    wanted = str(metadata.get("notebook", "true")).lower() != "false"
    return wanted and "kernelspec" in metadata and executed_notebook(env, docname).is_file()


def executed_notebook(env, docname):
    """Return the file in which MyST-NB keeps the code of a page with its outputs."""
    return Path(env.mystnb_config.output_folder) / f"{docname}.ipynb"


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
