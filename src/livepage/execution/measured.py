"""Measured times: marked where pages show them, and declared in one file of the site.

The same commit, versions and data give the same site, byte for byte, but for what a clock said
while chapters were executed. An author marks that: a cell that measures has the tag
``measured-time``, and other parts of a page stand in a block with this class::

    :::{div} measured-time

Below a marked cell the page says what it is. The site's ``measured.json`` lists the files that may
differ between two builds, and a comparison shows whether anything else does, in these files too::

    python -m livepage.execution.measured SITE OTHER
"""

import argparse
import json
import re
import sys
from fnmatch import fnmatch
from pathlib import Path

from docutils import nodes

from livepage.publishing.downloads import PLACE

TAG = "measured-time"
NAME = "measured.json"
NOTE = "Measured when this page was built: elsewhere the times differ."
EXPLORER = re.compile(r'data-explorer="(\w+)"')
# What holds the words and the numbers of all pages.
DERIVED = {"searchindex.js", "_static/search-text.js", "downloads/*", NAME}
# What a page may say differently: marked blocks, numbers in its sentences, the sizes of downloads.
MARKED = f".{TAG}, .tag_{TAG}, .pasted-text, ul.downloads"


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", _drop_empty_outputs)
    app.connect("doctree-read", _say_so)
    app.connect("html-page-context", _note_files)
    app.connect("build-finished", _declare, priority=950)  # when pages have their last form


def _drop_empty_outputs(app, doctree):
    """Remove outputs without content: a progress bar leaves one, if the work took long enough."""
    for output in list(doctree.findall(nodes.container)):
        if "cell_output" in output["classes"] and not output.children:
            output.parent.remove(output)


def _say_so(app, doctree):
    """Put a note below each marked cell."""
    for cell in doctree.findall(nodes.container):
        if f"tag_{TAG}" in cell["classes"]:
            cell += nodes.paragraph("", NOTE, classes=["measured-note"])


def _note_files(app, pagename, templatename, context, doctree):
    """Keep the names of the files that a page that measures consists of."""
    kept = _kept(app)
    if doctree is not None and TAG in Path(app.env.doc2path(pagename)).read_text(encoding="utf-8"):
        kept[pagename] = [f"{pagename}.html", f"notebooks/{Path(pagename).name}.ipynb"]
        kept[pagename] += _drawn(app.builder, doctree)


def _kept(app):
    if not hasattr(app.env, "livepage_measured"):
        app.env.livepage_measured = {}
    return app.env.livepage_measured


def _drawn(builder, doctree):
    """Yield the pictures and demos in the marked parts of a page."""
    for block in doctree.findall(nodes.Element):
        if {TAG, f"tag_{TAG}"}.isdisjoint(block.get("classes", [])):
            continue
        for image in block.findall(nodes.image):
            yield f"{builder.imagedir}/{Path(image['uri']).name}"
        for raw in block.findall(nodes.raw):
            yield from (f"_static/explorers/{name}.*" for name in EXPLORER.findall(raw.astext()))


def _declare(app, error):
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    names = {name for page in app.env.found_docs for name in _kept(app).get(page, [])}
    files = {name for name in names if any(site.glob(name))}  # some pages have no notebook
    offering = [path for path in site.rglob("*.html") if PLACE.search(path.read_text("utf-8"))]
    files |= {path.relative_to(site).as_posix() for path in offering}
    content = json.dumps({"files": sorted(files | DERIVED)}, indent=1)
    (site / NAME).write_text(f"{content}\n", encoding="utf-8")


def differences(site, other):
    """Return what differs between two builds of a book that should be the same.

    Parameters
    ----------
    site, other : pathlib.Path
        The folders of two sites, as built from the same commit, versions and data.

    Returns
    -------
    list of str
        A sentence for each file that differs and is not declared, and for each declared page that
        differs in more than what is marked in it.

    Raises
    ------
    ValueError
        If one of them is no site.
    """
    declared = {*_declared(site), *_declared(other)}
    found = []
    for name in sorted(_names(site) | _names(other)):
        one, two = site / name, other / name
        may_differ = any(fnmatch(name, pattern) for pattern in declared)
        if not may_differ and not (one.is_file() and two.is_file()):
            found.append(f"{name} is only in {site if one.is_file() else other}.")
        elif not (one.is_file() and two.is_file()) or one.read_bytes() == two.read_bytes():
            continue
        elif not may_differ:
            found.append(f"{name} differs, and {NAME} does not declare it.")
        elif one.suffix == ".html" and _unmarked(one) != _unmarked(two):
            found.append(f"{name} differs in more than the parts that are marked as measured.")
    return found


def _declared(site):
    try:
        return json.loads((site / NAME).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError:
        raise ValueError(f"{site} is no built site: it has no {NAME}") from None


def _names(site):
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}


def _unmarked(path):
    """Return a page without the parts that may differ."""
    from bs4 import BeautifulSoup  # only a comparison waits for it

    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for part in soup.select(MARKED):
        part.extract()
    return str(soup)


def main(arguments=None):
    """Say what differs between two sites; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m livepage.execution.measured", description=main.__doc__
    )
    parser.add_argument("site", type=Path, help="a built site, such as _build/html")
    parser.add_argument("other", type=Path, help="one that was built from the same commit")
    given = parser.parse_args(arguments)
    try:
        found = differences(given.site, given.other)
    except ValueError as error:
        parser.error(str(error))
    for sentence in found:
        print(sentence)
    if not found:
        print("The two sites are the same, but for the times that are marked as measured.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
