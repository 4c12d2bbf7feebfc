"""The figure that an explorer becomes: its picture, its markup, and what moves it."""

import hashlib
import json
import re
from html import escape
from importlib.metadata import version

from livepage.explorer.chart import compiled, dark_colors, to_adaptive_svg, to_svg, to_vega

FOLDER = "explorers"
CONVERTER = "vl-convert-python"


class Drawing:
    """An explorer, drawn.

    Parameters
    ----------
    parts : dict
        As from `livepage.explorer.page.PageExplorer.parts`.
    folder : pathlib.Path, optional
        Where to keep what the charts were converted to, and to look for it first: to start the
        converter takes half a second.

    Raises
    ------
    ValueError
        If the chart is no Vega-Lite that can be drawn.
    """

    def __init__(self, parts, folder=None):
        self.parts = parts
        self.svg = to_adaptive_svg(parts["spec"], converting_once(to_svg, folder))
        self.vega = to_vega(parts["spec"], parts["names"], converting_once(compiled, folder))

    def payload(self):
        """Return what the browser needs to move the figure."""
        names = "name", "view", "values", "texts"
        controls = [{key: control[key] for key in names} for control in self.parts["controls"]]
        chart = {"vega": self.vega, "dark": dark_colors(self.vega)}
        numbers = {key: self.parts[key] for key in ("columns", "blob")}
        return {"controls": controls} | chart | numbers

    def html(self, name, root):
        """Return the markup.

        Parameters
        ----------
        name : str
            Of the explorer, the same in all of the book.
        root : str
            The way from the page to the site's root: empty, or one or more ``../``.
        """
        controls = "\n".join(_markup(name, control) for control in self.parts["controls"])
        width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', self.svg).groups()
        message = self.parts["message"]
        good = " good" if message.get("good") else ""
        return f"""\
<figure class="explorer" data-explorer="{name}">
<form class="explorer-controls" autocomplete="off">
{controls}
</form>
<div class="explorer-picture" style="aspect-ratio: {width} / {height}">
<img src="{root}_static/{FOLDER}/{name}.svg" alt="{escape(self.parts["alt"])}" \
width="{float(width):.0f}" height="{float(height):.0f}" loading="lazy">
</div>
<p class="explorer-message{good}" role="status">{escape(message["text"])}</p>
<figcaption>{escape(self.parts["caption"])}</figcaption>
</figure>"""


def converting_once(convert, folder):
    """Return a function that converts a chart, and keeps the result if there is a folder.

    It is kept under the chart and the version of the converter.

    Parameters
    ----------
    convert : callable
        Takes Vega-Lite as a dictionary, returns what JSON has a form for.
    folder : pathlib.Path or None
    """
    if folder is None:
        return convert

    def look_first(spec):
        key = json.dumps([convert.__name__, version(CONVERTER), spec])
        file = folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        keep(file, lambda: json.dumps(convert(spec)))
        return json.loads(file.read_text(encoding="utf-8"))

    return look_first


def keep(file, make):
    """Write what a function returns into a file if there is none; it is there whole or not at all.

    Parameters
    ----------
    file : pathlib.Path
    make : callable
        Takes nothing, returns the text.
    """
    if not file.is_file():
        begun = file.with_suffix(".part")
        begun.write_text(make(), encoding="utf-8")
        begun.rename(file)


def _markup(explorer, control):
    name, label, chosen = control["name"], escape(control["label"]), control["chosen"]
    identity = f"{explorer}-{name}"
    if control["by"] == "choice":
        options = "".join(
            f"<option{' selected' if place == chosen else ''}>{escape(text)}</option>"
            for place, text in enumerate(control["texts"])
        )
        field = f'<select id="{identity}" name="{name}">{options}</select>'
        return f'<div><label for="{identity}">{label}</label>{field}</div>'
    text = escape(control["texts"][chosen])
    return (
        f'<div><label for="{identity}">{label}</label>'
        f'<input type="range" id="{identity}" name="{name}" min="0" '
        f'max="{len(control["values"]) - 1}" step="1" value="{chosen}" aria-valuetext="{text}">'
        f'<output for="{identity}">{text}</output></div>'
    )
