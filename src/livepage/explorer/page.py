"""An explorer on a page: markup with a picture from the start, and data that come when needed.

The cell's output carries everything. Sphinx then moves picture and data into files of the site, so
that a page loads them only when its reader comes near.
"""

import base64
import hashlib
import json
import re
import shutil
from html import escape
from importlib.metadata import version
from pathlib import Path

from docutils import nodes

from livepage.explorer.chart import dark_colors, to_adaptive_svg, to_vega, with_data
from livepage.explorer.controls import Choice, index_of_default
from livepage.explorer.data import as_script, pack, rows_at
from livepage.explorer.explorer import MESSAGE, computed_controls

MARK = "<!-- livepage.explorer "
FOLDER = "explorers"


class PageExplorer:
    """What the build shows as the value of a cell.

    Parameters
    ----------
    datasets : dict of str to dict of str to numpy.ndarray
        The columns, for all settings.
    controls, spec, caption, alt
        As for `livepage.explorer.explorer`, with the chart as a dictionary.
    """

    def __init__(self, datasets, controls, spec, caption, alt):
        self.datasets = datasets
        self.controls = controls
        self.caption = caption
        self.alt = alt
        indices = [index_of_default(part) for part in computed_controls(controls).values()]
        self.shown = {name: rows_at(columns, indices) for name, columns in datasets.items()}
        views = {name: part.default for name, part in controls.items() if part.view}
        charted = {name: rows for name, rows in self.shown.items() if name != MESSAGE}
        filled = with_data(spec, charted, views)
        self.svg = to_adaptive_svg(filled)
        self.vega = to_vega(filled, charted)

    def payload(self):
        """Return what the browser needs to move the figure."""
        controls = [
            {
                "name": name,
                "view": part.view,
                "values": list(part.values),
                "texts": part.texts,
            }
            for name, part in self.controls.items()
        ]
        chart = {"vega": self.vega, "dark": dark_colors(self.vega)}
        return {"controls": controls} | chart | pack(self.datasets)

    def _repr_html_(self):
        parts = {"html": self.html(), "svg": self.svg, "payload": self.payload()}
        packed = base64.b64encode(json.dumps(parts).encode()).decode()
        return f"{MARK}{packed} -->"

    def html(self):
        """Return the markup; ``{name}`` and ``{root}`` are still to be filled in."""
        controls = "\n".join(
            _control_markup(name, control) for name, control in self.controls.items()
        )
        width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', self.svg).groups()
        message = self.shown.get(MESSAGE, [{"text": ""}])[0]
        good = " good" if message.get("good") else ""
        return f"""\
<figure class="explorer" data-explorer="@name@">
<form class="explorer-controls" autocomplete="off">
{controls}
</form>
<div class="explorer-picture" style="aspect-ratio: {width} / {height}">
<img src="@root@_static/{FOLDER}/@name@.svg" alt="{escape(self.alt)}" \
width="{float(width):.0f}" height="{float(height):.0f}" loading="lazy">
</div>
<p class="explorer-message{good}" role="status">{escape(message["text"])}</p>
<figcaption>{escape(self.caption)}</figcaption>
</figure>"""


def _control_markup(name, control):
    identity = f"@name@-{name}"
    chosen = index_of_default(control)
    if isinstance(control, Choice):
        options = "".join(
            f"<option{' selected' if place == chosen else ''}>{escape(text)}</option>"
            for place, text in enumerate(control.texts)
        )
        field = f'<select id="{identity}" name="{name}">{options}</select>'
        return f'<div><label for="{identity}">{escape(control.label)}</label>{field}</div>'
    text = escape(control.texts[chosen])
    return (
        f'<div><label for="{identity}">{escape(control.label)}</label>'
        f'<input type="range" id="{identity}" name="{name}" min="0" '
        f'max="{len(control.values) - 1}" step="1" value="{chosen}" aria-valuetext="{text}">'
        f'<output for="{identity}">{text}</output></div>'
    )


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", _take_files_out)
    app.connect("env-purge-doc", _forget)
    app.connect("html-page-context", _load_scripts)
    app.connect("build-finished", _write_files)


def _folder(app):
    """Return where the files of explorers wait between builds, as the pages that were read do."""
    folder = Path(app.doctreedir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _explorers(env):
    """Return the names of the explorers of each page."""
    if not hasattr(env, "livepage_explorers"):
        env.livepage_explorers = {}
    return env.livepage_explorers


def _take_files_out(app, doctree):
    root = "../" * app.env.docname.count("/")
    names = []
    for node in doctree.findall(nodes.raw):
        if not node.astext().startswith(MARK):
            continue
        packed = node.astext().removeprefix(MARK).removesuffix(" -->")
        parts = json.loads(base64.b64decode(packed))
        name = "x" + hashlib.sha256(packed.encode()).hexdigest()[:12]
        folder = _folder(app)
        (folder / f"{name}.svg").write_text(parts["svg"], encoding="utf-8")
        (folder / f"{name}.js").write_text(as_script(name, parts["payload"]), encoding="utf-8")
        html = parts["html"].replace("@name@", name).replace("@root@", root)
        # Not marked as HTML output, which the theme puts on a light ground in the dark too.
        node.parent.replace(node, nodes.raw("", html, format="html"))
        names.append(name)
    if names:
        _explorers(app.env)[app.env.docname] = names


def _forget(app, env, docname):
    _explorers(env).pop(docname, None)


def _load_scripts(app, pagename, templatename, context, doctree):
    if pagename in _explorers(app.env):
        app.add_css_file("explorer.css")
        app.add_js_file("explorer.js", loading_method="defer")


def _write_files(app, error):
    names = [name for page in _explorers(app.env).values() for name in page]
    if error or not names or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    (static / FOLDER).mkdir(parents=True, exist_ok=True)
    for name in names:
        for file in _folder(app).glob(f"{name}.*"):
            (static / FOLDER / file.name).write_bytes(file.read_bytes())
    shutil.copy(_kept_vega_script(_folder(app)), static / "vega.js")


def _kept_vega_script(folder):
    """Return the file with Vega, which takes as long to put together as some pages."""
    kept = folder / f"vega-{version('vl-convert-python')}.js"
    if not kept.is_file():
        begun = kept.with_suffix(".part")
        begun.write_text(vega_script(), encoding="utf-8")
        begun.rename(kept)
    return kept


def vega_script():
    """Return Vega as a classic script, which a page can load from a file too."""
    import vl_convert

    return f"(() => {{\n{vl_convert.javascript_bundle()}\n}})();\n"
