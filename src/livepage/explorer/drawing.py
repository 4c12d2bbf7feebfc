"""The figure that an explorer becomes: its picture, its markup, and what moves it."""

import re
from html import escape

from livepage.explorer.chart import dark_colors, to_adaptive_svg, to_vega

FOLDER = "explorers"


class Drawing:
    """An explorer, drawn.

    Parameters
    ----------
    parts : dict
        As from `livepage.explorer.page.PageExplorer.parts`.

    Raises
    ------
    ValueError
        If the chart is no Vega-Lite that can be drawn.
    """

    def __init__(self, parts):
        self.parts = parts
        self.svg = to_adaptive_svg(parts["spec"])
        self.vega = to_vega(parts["spec"], parts["names"])

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
