"""Launch buttons: the notebook of a page, in Colab, in Binder, or on the reader's own machine.

A page has them if its notebook was written before the site is built, best by the same build. The
site carries a copy, so that the download needs no network and no repository.
"""

import shutil
from pathlib import Path, PurePosixPath
from urllib.parse import quote

BRANCH = "notebooks"  # of the repository; the workflow publishes the notebooks there
FOLDER = "notebooks"  # of the site
COLAB = "https://colab.research.google.com"
BINDER = "https://mybinder.org"
GITHUB = "https://github.com/"


def setup(app):
    """Register with Sphinx."""
    # The theme prepares its list of buttons with priority 500, and fills it with 501.
    app.connect("html-page-context", _add_buttons, priority=502)


def colab_url(repository, name):
    """Return where Colab opens the notebook of a page, or an empty text if it cannot.

    Parameters
    ----------
    repository : str
        The web address of the repository. Colab reads from GitHub only.
    name : str
        The file name of the page, without its suffix.
    """
    if not repository.startswith(GITHUB):
        return ""
    owner_and_name = repository.removeprefix(GITHUB)
    return f"{COLAB}/github/{owner_and_name}/blob/{BRANCH}/{_notebook(name)}"


def binder_url(repository, name):
    """Return where Binder opens the notebook of a page, or an empty text if it cannot.

    Parameters
    ----------
    repository : str
        The web address of the repository, on GitHub or elsewhere.
    name : str
        The file name of the page, without its suffix.
    """
    if not repository:
        return ""
    place = f"git/{quote(repository, safe='')}"
    if repository.startswith(GITHUB):
        place = f"gh/{repository.removeprefix(GITHUB)}"
    return f"{BINDER}/v2/{place}/{BRANCH}?urlpath=lab/tree/{_notebook(name)}"


def _written(app):
    """Return the folder of notebooks that this build has written, else of those written before."""
    beside = Path(app.outdir).with_name("notebooks")
    published = Path(app.srcdir, "_build", "notebooks")
    return (beside if beside.is_dir() else published) / "student"


def _notebook(name):
    return f"student/{quote(name)}.ipynb"


def _add_buttons(app, pagename, templatename, context, doctree):
    name = PurePosixPath(pagename).name
    notebook = _written(app) / f"{name}.ipynb"
    if doctree is None or not notebook.is_file():
        return
    copies = Path(app.outdir, FOLDER)
    copies.mkdir(exist_ok=True)
    shutil.copy(notebook, copies)
    repository = app.env.livepage_repository
    download = context["pathto"](f"{FOLDER}/{quote(name)}.ipynb", 1)
    buttons = [
        _button("Colab", colab_url(repository, name), "_static/images/logo_colab.png"),
        _button("Binder", binder_url(repository, name), "_static/images/logo_binder.svg"),
        _button("Download", download, "fas fa-download"),
    ]
    group = {
        "type": "group",
        "label": "launch-buttons",
        "icon": "fas fa-rocket",
        "tooltip": "Run this page as a notebook",
        "buttons": [button for button in buttons if button["url"]],
    }
    context.setdefault("header_buttons", []).insert(0, group)


def _button(place, url, icon):
    tooltip = "Download the notebook" if place == "Download" else f"Open the notebook in {place}"
    return {"type": "link", "text": place, "url": url, "icon": icon, "tooltip": tooltip}
