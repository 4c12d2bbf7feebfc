"""An explorer on a page: markup with a picture from the start, and data that come when needed.

The cell's output carries everything. Sphinx then draws it, and moves picture and data into files of
the site, so that a page loads them only when its reader comes near. What draws takes half a second
to start, so that it is started once there, and not in the kernel of each chapter.
"""

import base64
import hashlib
import json
import shutil
from importlib.metadata import version
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError

from livepage.explorer.chart import check_names, with_data
from livepage.explorer.controls import Choice, index_of_default
from livepage.explorer.data import MESSAGE, as_script, pack, rows_at
from livepage.explorer.drawing import CONVERTER, FOLDER, Drawing, keep
from livepage.explorer.explorer import computed_controls

MARK = "<!-- livepage.explorer "


class PageExplorer:
    """What the build shows as the value of a cell: all of which Sphinx then makes a figure.

    Parameters
    ----------
    datasets : dict of str to dict of str to numpy.ndarray
        The columns, for all settings.
    controls, spec, caption, alt
        As for `livepage.explorer.explorer`, with the chart as a dictionary.

    Raises
    ------
    ValueError
        If the chart has no data of the name of a data set.
    """

    def __init__(self, datasets, controls, spec, caption, alt):
        self.datasets = datasets
        self.controls = controls
        self.caption = caption
        self.alt = alt
        indices = [index_of_default(part) for part in computed_controls(controls).values()]
        self.shown = {name: rows_at(columns, indices) for name, columns in datasets.items()}
        views = {name: part.default for name, part in controls.items() if part.view}
        self.charted = {name: rows for name, rows in self.shown.items() if name != MESSAGE}
        check_names(spec, self.charted)
        self.spec = with_data(spec, self.charted, views)

    def parts(self):
        """Return what `livepage.explorer.drawing.Drawing` is made from, as JSON has it."""
        words = {"caption": self.caption, "alt": self.alt}
        message = self.shown.get(MESSAGE, [{"text": ""}])[0]
        chart = {"spec": self.spec, "names": list(self.charted)}
        controls = [_described(name, control) for name, control in self.controls.items()]
        return chart | words | {"message": message, "controls": controls, **pack(self.datasets)}

    def _repr_html_(self):
        packed = base64.b64encode(json.dumps(self.parts()).encode()).decode()
        return f"{MARK}{packed} -->"


def _described(name, control):
    return {
        "name": name,
        "view": control.view,
        "values": list(control.values),
        "texts": control.texts,
        "label": control.label,
        "chosen": index_of_default(control),
        "by": "choice" if isinstance(control, Choice) else "slider",
    }


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
        name = "x" + hashlib.sha256(packed.encode()).hexdigest()[:12]
        drawing = _drawing(app, json.loads(base64.b64decode(packed)))
        folder = _folder(app)
        (folder / f"{name}.svg").write_text(drawing.svg, encoding="utf-8")
        (folder / f"{name}.js").write_text(as_script(name, drawing.payload()), encoding="utf-8")
        html = drawing.html(name, root)
        # Not marked as HTML output, which the theme puts on a light ground in the dark too.
        node.parent.replace(node, nodes.raw("", html, format="html"))
        names.append(name)
    if names:
        _explorers(app.env)[app.env.docname] = names
        _kept_vega_script(_folder(app))  # now, while other chapters are still executed


def _drawing(app, parts):
    charts = _folder(app) / "charts"
    charts.mkdir(exist_ok=True)
    try:
        return Drawing(parts, charts)
    except ValueError as error:
        place = f"{app.env.docname}: the chart of the figure {parts['caption']!r}"
        raise ExtensionError(f"{place} cannot be drawn: {error}") from error


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
    kept = folder / f"vega-{version(CONVERTER)}.js"
    keep(kept, vega_script)
    return kept


def vega_script():
    """Return Vega as a classic script, which a page can load from a file too."""
    import vl_convert

    return f"(() => {{\n{vl_convert.javascript_bundle()}\n}})();\n"
