"""The book to take away: as one PDF, and as a ZIP file of the site that opens without a network.

A page offers what was made in the same build, with its size: the directive ``{downloads}`` of
`livepage.pages.paper` leaves a place, which is filled in when everything is there. The site in the
ZIP file offers nothing.
"""

import re
import zipfile
from html import escape

MARK = "<!-- livepage.downloads {root} -->"
PLACE = re.compile(r"<!-- livepage\.downloads (?P<root>[./]*) -->")
PRELOAD = re.compile(r'<link rel="preload"[^>]*>\s*')  # from a folder, browsers refuse it
ALWAYS = (1980, 1, 1, 0, 0, 0)  # the first time that a ZIP file knows


def file_name(title, suffix):
    """Return a name for a file that somebody takes away, made from the book's title."""
    return "-".join(re.findall(r"\w+", title.lower())) + suffix


def write_zip(site, target):
    """Write a site into a ZIP file; the same site makes the same bytes.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the site.
    target : pathlib.Path
        The ZIP file. All of it is in a folder with the file's name. What lies beside the ZIP file
        in its folder is for readers on the web, and left out.
    """
    files = [path for path in site.rglob("*") if path.is_file() and path.parent != target.parent]
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(files):
            content = path.read_bytes()
            if path.suffix == ".html":
                content = PRELOAD.sub("", PLACE.sub("", content.decode())).encode()
            name = f"{target.stem}/{path.relative_to(site).as_posix()}"
            entry = zipfile.ZipInfo(name, ALWAYS)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def offer(site, offers):
    """Fill in the places that a site has left for what can be taken away.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the site.
    offers : list of tuple
        What there is: a file inside the folder, what the link says, and what follows it, with
        ``{size}`` for the size.
    """
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        filled = PLACE.sub(lambda place: _list(place["root"], site, offers), text)
        if filled != text:
            path.write_text(filled, encoding="utf-8")


def _list(root, site, offers):
    items = "\n".join(
        f'<li><a href="{root}{file.relative_to(site).as_posix()}" download>{escape(link)}</a> '
        f"({escape(facts.format(size=_size(file)))})</li>"
        for file, link, facts in offers
    )
    return f'<ul class="downloads">\n{items}\n</ul>' if offers else ""


def _size(file):
    return f"{max(0.1, file.stat().st_size / 1e6):.1f} MB"
