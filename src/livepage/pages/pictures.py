"""Pictures of a page: their size is known before they come, and they come when a reader is near."""

import re
from html import escape, unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import imagesize

PICTURE = re.compile(r"<img\b(?P<attributes>[^>]*?)\s*/?>")
NAME = re.compile(r'\b(?P<name>[\w-]+)="(?P<value>[^"]*)"')
TAG = re.compile(r"<(annotation|style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)
FIRST_SCREEN = 600
"""So many letters of a page stand on the first screen of a phone."""


def complete(html, folder):
    """Return a page whose pictures have their size, and are loaded late below the first screen.

    Parameters
    ----------
    html : str
        The page.
    folder : pathlib.Path
        Where the page lies, to find its pictures.
    """
    start = html.find("<article")
    end = html.find("</article>", start)
    return PICTURE.sub(lambda tag: _completed(tag, html, folder, start, end), html)


def _completed(tag, html, folder, start, end):
    given = {item["name"]: item["value"] for item in NAME.finditer(tag["attributes"])}
    if "src" not in given:
        return tag[0]
    added = _size(folder, given)
    if start < tag.start() < end and _letters(html, start, tag.start()) > FIRST_SCREEN:
        added |= {"loading": "lazy"}
    added |= {"decoding": "async"}
    written = "".join(
        f' {name}="{escape(str(value))}"' for name, value in added.items() if name not in given
    )
    return f"<img{tag['attributes'].rstrip()}{written}>"


def _size(folder, given):
    file = None if {"width", "height"} & set(given) else _file(folder, unescape(given["src"]))
    width, height = imagesize.get(file) if file else (-1, -1)
    return {"width": round(width), "height": round(height)} if width > 0 else {}


def _file(folder, source):
    """Return a picture that lies in the site or stands in the page; None if it is elsewhere."""
    if source.startswith("data:"):
        with urlopen(source) as picture:
            return BytesIO(picture.read())
    parts = urlsplit(source)
    path = Path(folder, unquote(parts.path))
    return path if not parts.scheme and not parts.netloc and path.is_file() else None


def _letters(html, start, end):
    """Return how many letters a reader meets between two places, counted up to a few screens."""
    return len(TAG.sub("", html[start : min(end, start + 40 * FIRST_SCREEN)]))
