"""The links of a built book that lead out of it: listed in one place, checked, and told about.

``python -m livepage.publishing.links list`` writes which there are into ``_build/links.json``, each
with the pages that have it. ``check`` asks for each of them, by Sphinx's own checker, and writes
what it found. ``report`` opens an issue about dead ones, keeps it up to date, and closes it when
all live.
"""

import argparse
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from livepage.publishing.issues import Topic, ask_github, keep

BUILT = Path("_build")
LINKS = "links.json"
FOUND = "dead-links.json"
TOPIC = Topic(
    label="dead-links",
    title="Links of the book that lead nowhere",
    all_is_well="No link is dead.",
)
# What servers answer that refuse programs or are out of order. A browser may well be let in.
UNSURE = re.compile(r"^(40[1356]|412|418|429|451|5\d\d) ")
SETTINGS = {
    "linkcheck_anchors": False,  # many pages make theirs by script
    "linkcheck_retries": 3,
    "linkcheck_timeout": 30,
    "linkcheck_report_timeouts_as_broken": False,
}


class Outgoing(HTMLParser):
    """The addresses on other hosts that a page links to."""

    def __init__(self, text):
        super().__init__()
        self.addresses = set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Note where a link leads. What follows # or fills in a new issue is left out."""
        address = (dict(attributes).get("href") or "").strip()
        parts = urlsplit(address)
        if tag != "a" or parts.scheme not in ("http", "https"):
            return
        form = parts.path.endswith("/issues/new")
        self.addresses.add(parts._replace(fragment="", query="" if form else parts.query).geturl())


def outgoing(site):
    """Return the links of a site to other hosts.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the built site.

    Returns
    -------
    dict of str to list of str
        For each address, in order, the pages that link to it.

    Raises
    ------
    FileNotFoundError
        If there is no site.
    """
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"{site} holds no built book. Build it first: make book")
    pages = {}
    for path in sorted(site.rglob("*.html")):
        for address in Outgoing(path.read_text(encoding="utf-8")).addresses:
            pages.setdefault(address, []).append(path.relative_to(site).as_posix())
    return dict(sorted(pages.items()))


def check(addresses):
    """Ask for each address; return what is wrong with those that do not answer as they should.

    Parameters
    ----------
    addresses : iterable of str
        Web addresses.

    Returns
    -------
    dict of str to dict
        For each address that gave no page: ``dead``, and ``answer``, what was said. It is not
        dead if the server refused, was out of order or took too long.
    """
    from docutils import nodes
    from sphinx.application import Sphinx

    def fill(app, doctree):
        links = (nodes.reference("", "link", refuri=address) for address in addresses)
        doctree += nodes.paragraph("", "", *links)

    with TemporaryDirectory() as folder:
        Path(folder, "index.rst").write_text("Links\n=====\n")
        out = Path(folder, "out")
        app = Sphinx(folder, None, out, out, "linkcheck", SETTINGS, status=None, warning=None)
        app.connect("doctree-read", fill)
        app.build()
        rows = map(json.loads, (out / "output.json").read_text().splitlines())
        faults = {row["uri"]: _fault(row) for row in rows if row["status"] in ("broken", "timeout")}
    return dict(sorted(faults.items()))


def _fault(row):
    dead = row["status"] == "broken" and not UNSURE.match(row["info"])
    return {"dead": dead, "answer": row["info"].splitlines()[0] if row["info"] else row["status"]}


def describe(faults, pages):
    """Return the text of the issue about links that were not found, or an empty text if all live.

    Parameters
    ----------
    faults : dict
        As from `check`.
    pages : dict
        As from `outgoing`.
    """
    dead = [address for address in faults if faults[address]["dead"]]
    unsure = [address for address in faults if not faults[address]["dead"]]
    if not dead:
        return ""
    text = "These links lead nowhere:\n\n" + _rows(dead, faults, pages)
    if unsure:
        text += "\nThese could not be checked, so look yourself:\n\n" + _rows(unsure, faults, pages)
    return text + "\nThe next check updates this list, and closes the issue when all links live.\n"


def _rows(addresses, faults, pages):
    return "".join(
        f"- <{address}>\n  `{faults[address]['answer'].replace('`', '')}`\n"
        f"  on {', '.join(pages[address])}\n"
        for address in addresses
    )


def _write(name, content):
    (BUILT / name).write_text(f"{json.dumps(content, indent=1)}\n", encoding="utf-8")


def _read(name):
    return json.loads((BUILT / name).read_text(encoding="utf-8"))


def main(arguments=None):
    """List, check or report the links that lead out of the book; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m livepage.publishing.links", description=main.__doc__
    )
    parser.add_argument("step", choices=["list", "check", "report"])
    step = parser.parse_args(arguments).step
    if step == "list":
        pages = outgoing(BUILT / "html")
        _write(LINKS, pages)
        print(f"{BUILT / LINKS} lists {len(pages)} links that lead out of the book.")
    elif step == "check":
        pages = _read(LINKS)
        faults = check(pages)
        _write(FOUND, {"faults": faults, "pages": {name: pages[name] for name in faults}})
        print(describe(faults, pages) or TOPIC.all_is_well)
    else:
        found = _read(FOUND)
        text = describe(found["faults"], found["pages"])
        print(keep(TOPIC, text, os.environ["GITHUB_REPOSITORY"], ask_github))
    return 0


if __name__ == "__main__":
    sys.exit(main())
