"""Run Jupyter Book, in a process of its own; see `livepage.build`.

All products of a build are made in one process. What takes long to import is imported once, and
what the first product has read and executed is there for the next.
"""

import warnings
from pathlib import Path

from livepage.execution import kernels

STRICTLY = ("-W", "-n", "--keep-going")  # every warning is an error
OPTIONS = {
    "html": (),
    "notebooks": ("--builder", "custom", "--custom-builder", "notebooks"),
}


def main(folder, workshop, *products):
    """Make the products of a book, one after the other, until one fails.

    Parameters
    ----------
    folder : str
        The book's folder.
    workshop : str
        Where a folder ``_build`` is made for them, and for what Sphinx keeps between builds.
    *products : str
        ``html`` or ``notebooks``.

    Raises
    ------
    RuntimeError, SystemExit
        By Jupyter Book, if a product fails.
    """
    if not Path(workshop, "_build", ".jupyter_cache").exists():  # all chapters will be executed
        kernels.import_early(Path(folder))
    from jupyter_book.cli.main import main as jupyter_book  # it takes a second meanwhile

    # For the second product, sphinx-external-toc looks at all objects, some of which mind.
    warnings.filterwarnings("ignore", category=FutureWarning, module="sphinx_external_toc")
    for name in products:
        command = ["build", folder, "--path-output", workshop, *STRICTLY, *OPTIONS[name]]
        jupyter_book(command, standalone_mode=False)
