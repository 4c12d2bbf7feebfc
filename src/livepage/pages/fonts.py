"""The book's own fonts: files of its site, from npm packages of Fontsource.

A book names them in its settings, by family, and uses the families in its style sheets. A page asks
at once for those that it begins with, and for the others when they are needed. One that is late is
not shown before the next page: nothing moves under a reader's eyes.
"""

import re
import shutil
import sysconfig
from pathlib import Path, PurePosixPath

from sphinx.errors import ExtensionError

MODULES = Path(sysconfig.get_path("data")) / "node_modules"
"""Where `npm ci` puts packages in this environment."""
STYLE = "fonts.css"
FILES = "fonts"
FACE = re.compile(r"-(?P<weight>\d{3})-(?P<style>normal|italic)\.woff2$")


def setup(app):
    """Register with Sphinx the settings, and what becomes of them."""
    app.add_config_value("livepage_fonts", {}, "html", [dict])
    app.add_config_value("livepage_first_fonts", [], "html", [list])
    app.connect("builder-inited", _add_fonts)


def _add_fonts(app):
    if not app.config.livepage_fonts:
        return
    folder = Path(app.doctreedir, "fonts")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / FILES).mkdir(parents=True)
    write_fonts(app.config.livepage_fonts, app.config.livepage_first_fonts, folder)
    app.config.html_static_path.append(str(folder))
    app.add_css_file(STYLE, priority=400)  # before what uses them
    app.connect("html-page-context", _ask_at_once)


def _ask_at_once(app, pagename, templatename, context, doctree):
    addresses = [
        context["pathto"](f"_static/{FILES}/{name}", 1) for name in app.config.livepage_first_fonts
    ]
    links = [
        f'<link rel="preload" as="font" type="font/woff2" href="{address}" crossorigin>'
        for address in addresses
    ]
    context["metatags"] = "\n".join([context.get("metatags", ""), *links])


def write_fonts(families, first, folder):
    """Write the style sheet of some fonts, and the files that it names.

    Parameters
    ----------
    families : dict of str to list of str
        For each family its files, as paths in ``node_modules``. Their names end with weight and
        style, as those of Fontsource do: ``-400-italic.woff2``.
    first : list of str
        The names of the files that pages begin with.
    folder : pathlib.Path
        Where to write. It has a folder ``fonts``.

    Raises
    ------
    ExtensionError
        If a file is missing, its name does not tell what it is, or a first font is none of them.
    """
    paths = [path for files in families.values() for path in files]
    names = {PurePosixPath(path).name for path in paths}
    for name in first:
        if name not in names:
            raise ExtensionError(
                f"livepage_first_fonts names {name}, which is none of livepage_fonts: "
                f"{', '.join(sorted(names))}"
            )
    rules = [_rule(family, path) for family, files in families.items() for path in files]
    (folder / STYLE).write_text("\n".join(rules), encoding="utf-8")
    for path in paths:
        _copy(MODULES / path, folder / FILES)


def _rule(family, path):
    file, face = MODULES / path, FACE.search(path)
    if not file.is_file():
        raise ExtensionError(
            f"livepage_fonts names {path}, and {MODULES} has no such file. `make book` installs "
            "what package.json lists; is the package in there, and the file in the package?"
        )
    if not face:
        raise ExtensionError(
            f"livepage_fonts names {path}; the name of a font must end with its weight and its "
            "style, as in name-latin-400-normal.woff2"
        )
    return (
        f'@font-face {{ font-family: "{family}"; font-style: {face["style"]}; '
        f"font-weight: {face['weight']}; font-display: optional; "
        f'src: url("{FILES}/{file.name}") format("woff2"); }}'
    )


def _copy(file, target):
    shutil.copy(file, target)
    package = file.parents[1]
    for licence in package.glob("LICENSE*"):  # it goes with every copy of the font
        shutil.copy(licence, target / f"{package.name}-{licence.name}.txt")
