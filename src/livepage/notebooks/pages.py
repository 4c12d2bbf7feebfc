"""Which pages have a notebook, and what was executed for it."""

from pathlib import Path

import nbformat


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
