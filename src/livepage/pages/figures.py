"""Figures that matplotlib drew follow the page into the dark.

Each carries its dark colours beside its light ones, as a few rules of style. Browsers take those
that go with the ``color-scheme`` of the page that shows the figure, so a reader who changes the
theme needs no second file and no script. Pixels, such as those of photographs, stay.
"""

import re
from pathlib import Path

from livepage.pages.dark import dark_color, dark_style, readable_color

MATPLOTLIB = "<dc:title>Matplotlib"
WORDS = re.compile(
    r'(?P<start><g id="text_\d+">\s*(?:<!--.*?-->\s*)?<g)(?: style="(?P<style>[^"]*)")?'
    r'(?P<place> transform="translate\((?P<x>[\d.-]+) (?P<y>[\d.-]+)\))',
    re.DOTALL,
)
IMAGE = re.compile(r"<image\b[^>]*>", re.DOTALL)
PLACE = re.compile(r'\b(x|y|width|height)="([\d.e-]+)"')
PAINT = re.compile(r"(fill|stroke): (#[0-9a-f]{6})")


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", _follow_the_page)


def _follow_the_page(app, error):
    if error or app.builder.format != "html":
        return
    for path in Path(app.outdir, app.builder.imagedir).glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        if MATPLOTLIB in text:
            path.write_text(with_dark(text), encoding="utf-8")


def with_dark(svg):
    """Return a figure of matplotlib that also has colours for a dark page.

    Parameters
    ----------
    svg : str
        As matplotlib writes it.
    """
    svg = _with_readable_words(svg)
    rules = {"svg": f"fill: {dark_color('black')}"}  # what has no colour of its own is black
    for kind, color in sorted(set(PAINT.findall(svg))):
        rules[f'[style*="{kind}: {color}"]'] = f"{kind}: {dark_color(color)} !important"
    return svg.replace("</style>", f"</style>\n  {dark_style(rules)}", 1)


def _with_readable_words(svg):
    """Return the figure with words that are dark enough for white.

    The colours of words on images are written by name, which no rule changes in the dark.
    """
    boxes = [_box(match.group()) for match in IMAGE.finditer(svg)]

    def write(match):
        x, y = float(match["x"]), float(match["y"])
        style = match["style"] or "fill: #000000"
        if any(left <= x <= right and top <= y <= low for left, right, top, low in boxes):
            style = style.replace("#ffffff", "white").replace("#000000", "black")
        if "#ffffff" not in style:  # what is white stands on a colour
            style = PAINT.sub(lambda paint: f"{paint[1]}: {readable_color(paint[2])}", style)
        return f'{match["start"]} style="{style}"{match["place"]}'

    return WORDS.sub(write, svg)


def _box(image):
    """Return left, right, top and bottom of an image, which matplotlib draws upside down."""
    place = {name: float(value) for name, value in PLACE.findall(image)}
    top = -place["y"]
    return place["x"], place["x"] + place["width"], top, top + place["height"]
