"""Launch buttons: the notebook of a page, in Colab, in Binder, or on the reader's own machine.

A page has them if its notebook was written before the site is built, best by the same build. The
site carries a copy, so that the download needs no network and no repository.
"""

import shutil
from html import escape
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

BRANCH = "notebooks"  # of the repository; the workflow publishes the notebooks there
FOLDER = "notebooks"  # of the site
COLAB = "https://colab.research.google.com"
BINDER = "https://mybinder.org"
GITHUB = "https://github.com/"
ICONS = {
    "Colab": "_static/images/logo_colab.png",
    "Binder": "_static/images/logo_binder.svg",
    "Download": "fas fa-download",
}


def setup(app):
    """Register with Sphinx."""
    # The theme prepares its list of buttons with priority 500, and fills it with 501.
    app.connect("html-page-context", _add_buttons, priority=502)
    app.add_directive("launch", Launch)
    app.add_node(launch, html=(_write_links, None))


class launch(nodes.Element, nodes.General):
    """Where a page has links that open its notebook."""


class Launch(SphinxDirective):
    """``{launch}``: what the launch buttons offer, as links in the page.

    There are none on a page without a notebook, and none in the notebook itself.
    """

    def run(self):
        """Return where they stand."""
        return [launch("")]


def _write_links(writer, node):
    app, docname = writer.builder.app, writer.builder.current_docname
    name = PurePosixPath(docname).name
    if (_written(app) / f"{name}.ipynb").is_file():
        download = "../" * docname.count("/") + _copy(name)
        links = "".join(
            f'<li><a href="{escape(url)}">{_tooltip(place)}</a></li>'
            for place, url in _places(app, name, download)
        )
        writer.body.append(f'<ul class="launch">{links}</ul>')
    raise nodes.SkipNode


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
    download = context["pathto"](_copy(name), 1)
    group = {
        "type": "group",
        "label": "launch-buttons",
        "icon": "fas fa-rocket",
        "tooltip": "Run this page as a notebook",
        "buttons": [_button(place, url) for place, url in _places(app, name, download)],
    }
    context.setdefault("header_buttons", []).insert(0, group)


def _copy(name):
    """Return the path of a page's notebook from the root of the site."""
    return f"{FOLDER}/{quote(name)}.ipynb"


def _places(app, name, download):
    """Return where the notebook of a page opens: the name and the address of each place."""
    repository = app.env.livepage_repository
    places = {
        "Colab": colab_url(repository, name),
        "Binder": binder_url(repository, name),
        "Download": download,
    }
    return [(place, url) for place, url in places.items() if url]


def _button(place, url):
    icon, tooltip = ICONS[place], _tooltip(place)
    return {"type": "link", "text": place, "url": url, "icon": icon, "tooltip": tooltip}


def _tooltip(place):
    return "Download the notebook" if place == "Download" else f"Open the notebook in {place}"
