"""The book's own fonts come from npm packages, as files of its site.

A book names them in its settings, and uses them in a style sheet, from the folder ``fonts`` beside it.
"""

import shutil
import sysconfig
from pathlib import Path, PurePosixPath

from sphinx.errors import ExtensionError

MODULES = Path(sysconfig.get_path("data")) / "node_modules"
"""Where `npm ci` puts packages in this environment."""
STATIC = "_static/fonts"


def setup(app):
    """Register with Sphinx the settings, and what becomes of them."""
    app.add_config_value("livepage_fonts", [], "html", [list])
    app.add_config_value("livepage_first_fonts", [], "html", [list])
    app.connect("builder-inited", check_fonts)
    app.connect("html-page-context", _load_first)
    app.connect("build-finished", _copy_files)


def check_fonts(app):
    """Say what is wrong with the fonts that a book names, if anything is."""
    names = [PurePosixPath(path).name for path in app.config.livepage_fonts]
    for path in app.config.livepage_fonts:
        if not (MODULES / path).is_file():
            raise ExtensionError(
                f"livepage_fonts names {path}, and {MODULES} has no such file. `make book` installs "
                "what package.json lists; is the package in there, and the file in the package?"
            )
    for name in app.config.livepage_first_fonts:
        if name not in names:
            raise ExtensionError(
                f"livepage_first_fonts names {name}, which is none of livepage_fonts: "
                f"{', '.join(names) or 'there are none'}"
            )


def _load_first(app, pagename, templatename, context, doctree):
    """Have pages ask at once for what they begin with, before they know the style sheets."""
    links = [
        f'<link rel="preload" as="font" type="font/woff2" href="{address}" crossorigin>'
        for name in app.config.livepage_first_fonts
        for address in [context["pathto"](f"{STATIC}/{name}", 1)]
    ]
    context["metatags"] = "\n".join([context.get("metatags", ""), *links])


def _copy_files(app, error):
    if error or app.builder.format != "html" or not app.config.livepage_fonts:
        return
    target = Path(app.outdir, STATIC)
    target.mkdir(parents=True, exist_ok=True)
    for path in app.config.livepage_fonts:
        shutil.copy(MODULES / path, target)
        package = (MODULES / path).parents[1]
        for licence in package.glob("LICENSE*"):  # it goes with every copy of the font
            shutil.copy(licence, target / f"{package.name}-{licence.name}.txt")
