"""What pages load: all of it from the site itself, no more than they use, in few files.

When all pages are written, the style sheets and scripts that every page names become one file each,
those that only some pages name one file of their own. Rules that no page uses are left out. Scripts
are deferred; none stands in a page, nor does a style sheet. Icons and the sizes of pictures are
filled in.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sphinx.errors import ExtensionError

from livepage import node
from livepage.pages import icons, pictures

STATIC = "_static"
TOOLS = ("esbuild", "purgecss")
BUNDLER = Path(__file__).with_name("bundle.cjs")
PAGE = "data-content_root="  # what only a page of Sphinx has
LOADED = re.compile(
    r'<link\b(?=[^>]*\brel="stylesheet")(?P<link>[^>]*?)\s*/?>'
    r"|<script\b(?P<script>[^>]*)>(?P<text>.*?)</script>"
    r"|<style\b(?P<style>[^>]*)>(?P<rules>.*?)</style>",
    re.DOTALL,
)
PLACE = re.compile(r'\b(?:href|src)="(?P<root>(?:\.\./)*)_static/(?P<name>[^"?#]+)[^"]*"')
MOVABLE = re.compile(rf'(?<={STATIC}/)[^"?#]+\.(?:woff2|svg|png|jpg|gif|webp)(?=")')
PLAIN = re.compile(r'\brel="stylesheet"|\btype="text/(?:css|javascript)"|\bdefer(?:="\w*")?')
# A script of the site that is no static file, such as the index of the search.
OWN_SCRIPT = re.compile(r'^<script (?=[^>]*\bsrc="(?!\w+:|//))(?![^>]*\b(?:defer|async|module)\b)')
COMMENT = re.compile(r"<!--(?! livepage\.).*?-->", re.DOTALL)  # but for our own marks
OBSOLETE = re.compile(r'(?<=<table) border="\d+"(?= class="dataframe")')  # pandas writes it
# Scripts that are for what few books have, and how a page shows that it has it.
OPTIONAL = {
    "togglebutton": re.compile(r'class="(?:[^"]* )?toggle[ "]|admonition[^"]* dropdown[ "]'),
    "design-tabs": re.compile(r'class="[^"]*\bsd-tab-set\b'),
    "copybutton": re.compile(r'class="highlight\b'),
    "clipboard": re.compile(r'class="highlight\b'),
}
TOGGLES = ("let toggle", "var toggle")  # begin scripts in the page that set what togglebutton reads
# The theme's switch of versions, which needs a server of its own, is all that asks for this.
PAGE_NAME = "DOCUMENTATION_OPTIONS.pagename"
UNUSED = ("vendor/fontawesome", "locales", "scripts", "webpack-macros.html")
UNUSED += ("sbt-webpack-macros.html",)
COMMON = {"style": "page.css", "script": "page.js"}


@dataclass(frozen=True)
class Tag:
    """A style sheet or a script of a page."""

    kind: str
    name: str  # its path in the folder of static files
    attributes: str = ""  # what else its tag says; without, it may be joined with others
    late: bool = False  # whether it ran after the page was read, and so after all that did not

    @property
    def is_first(self):
        """Tell whether a script runs before the first paint."""
        return self.kind == "script" and "blocking=" in self.attributes

    def html(self, root, names):
        """Return the tag; ``names`` are those of the bundles' files."""
        place = f"{root}{STATIC}/{names[self.name]}"
        attributes = f" {self.attributes}" if self.attributes else ""
        if self.kind == "style":
            return f'<link rel="stylesheet" href="{place}"{attributes}>'
        late = "" if self.is_first else " defer"
        return f'<script{late} src="{place}"{attributes}></script>'


def setup(app):
    """Register with Sphinx."""
    app.add_css_file("page.css")
    app.add_js_file("page.js")
    app.connect("builder-inited", find_tools)
    # What belongs to all pages is known when all are written.
    app.connect("env-updated", lambda app, env: sorted(env.found_docs))
    app.connect("build-finished", _finish, priority=900)


def find_tools(app):
    """Say how to get the tools if they are not here."""
    missing = [name for name in TOOLS if not (node.MODULES / name).is_dir()]
    if missing:
        raise ExtensionError(
            f"Pages are made light with {' and '.join(TOOLS)}, and {node.MODULES} lacks "
            f"{' and '.join(missing)}. `make book` installs them; by hand: npm install "
            f"--ignore-scripts --prefix {node.MODULES.parent} {' '.join(missing)}"
        )


def _finish(app, error):
    if error or app.builder.format != "html":
        return
    try:
        finish(Path(app.outdir))
    except (icons.UnknownIconError, subprocess.CalledProcessError) as problem:
        said = getattr(problem, "stderr", "") or str(problem)
        raise ExtensionError(f"What pages load could not be put together: {said}") from problem


def finish(site):
    """Make the pages of a site light, in place.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the site, as Sphinx has written it.
    """
    (site / ".buildinfo").unlink(missing_ok=True)  # Sphinx's own, which knows paths of this machine
    static = site / STATIC
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    pages = {path: _plain(text) for path, text in pages.items() if PAGE in text}
    tags = {}
    for path, text in pages.items():
        rest, tags[path] = _take_out(text, static)
        pages[path] = icons.draw(pictures.complete(rest, path.parent))
        path.write_text(pages[path], encoding="utf-8")
    unneeded = _unneeded(pages.values())
    for tag in filter(unneeded, {tag for own in tags.values() for tag in own}):
        (static / tag.name).unlink(missing_ok=True)
    tags = {path: [tag for tag in own if not unneeded(tag)] for path, own in tags.items()}
    common = [tag for tag in next(iter(tags.values())) if _is_common(tag, tags.values())]
    for sheet in static.rglob("*.css"):
        sheet.write_text(icons.draw_in_styles(sheet.read_text(encoding="utf-8")), encoding="utf-8")
    names = _bundle(static, pages, _bundles(common, tags.values()))
    for path, html in pages.items():
        root = "../" * len(path.relative_to(site).parent.parts)
        path.write_text(_put_in(html, root, tags[path], common, names), encoding="utf-8")


def _plain(text):
    """Return a page without what no browser shows."""
    return OBSOLETE.sub("", COMMENT.sub("", text))


def _take_out(text, static):
    """Return a page without what it loads, and a list of that."""
    tags = []

    def take(match):
        if match["style"] is not None and _says_nothing(match):
            return ""
        tag = _tag(match, static)
        if tag is None:
            return OWN_SCRIPT.sub("<script defer ", match[0])
        if tag not in tags:
            tags.append(tag)
        return ""

    return LOADED.sub(take, text), tags


def _tag(match, static):
    """Return what a tag loads; None if it stays as it is."""
    if match["style"] is not None:
        return _inline_style(match, static)
    if match["script"] is not None and "src=" not in match["script"]:
        return _inline(match, static)
    attributes = match["link"] or match["script"]
    place = PLACE.search(attributes)
    if place is None or re.search(r'type="module"|\basync\b', attributes):
        return None
    other = PLAIN.sub("", PLACE.sub("", attributes))
    kind = "style" if match["script"] is None else "script"
    return Tag(kind, place["name"], " ".join(other.split()), " defer" in attributes)


def _says_nothing(style):
    """Tell whether rules are none, or pandas' for a scope that no browser knows any more."""
    return not style["rules"].strip() or "scoped" in style["style"]


def _inline(match, static):
    """Put a script that stands in a page into a file; leave what is no script."""
    text = match["text"].strip()
    if "type=" in match["script"] and "javascript" not in match["script"]:
        return None
    stem = "togglebutton" if text.startswith(TOGGLES) else "inline"
    text = "" if text.startswith(PAGE_NAME) else text
    return Tag("script", _kept(text, static, stem, "js"))


def _inline_style(match, static):
    """Put rules that stand in a page into a file, since its policy would not let them be."""
    return Tag("style", _kept(match["rules"].strip(), static, "inline", "css"))


def _kept(text, static, stem, suffix):
    """Return the name of a file of the site with a text."""
    name = f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:10]}.{suffix}"
    (static / name).write_text(text, encoding="utf-8")
    return name


def _unneeded(texts):
    """Return a test whether no page needs a tag."""
    names = {name for name, mark in OPTIONAL.items() if not any(map(mark.search, texts))}
    return lambda tag: tag.kind == "script" and any(map(tag.name.startswith, names))


def _is_common(tag, pages):
    return not tag.attributes and all(tag in own for own in pages)


def _bundles(common, pages):
    """Return the files of each bundle, by kind and by the bundle's name."""
    tags = dict.fromkeys(tag for own in pages for tag in own)  # in order
    bundles = {}
    for kind, name in COMMON.items():
        alone = [tag.name for tag in tags if tag.kind == kind and tag not in common]
        joined = [tag.name for tag in common if tag.kind == kind]
        bundles[kind] = {name: joined} | {name: [name] for name in alone}
    return bundles


def _bundle(static, pages, bundles):
    """Make the bundles; return the names of their files."""
    job = {
        "folder": str(static),
        "pages": [str(path) for path in pages],
        "styles": bundles["style"],
        "scripts": bundles["script"],
    }
    done = subprocess.run(
        [node.PROGRAM, BUNDLER],
        input=json.dumps(job),
        env=os.environ | {"NODE_PATH": str(node.MODULES)},
        capture_output=True,
        text=True,
        check=True,
    )
    made = json.loads(done.stdout)
    for path, text in pages.items():  # what they ask for early is what the style sheets name
        pages[path] = MOVABLE.sub(lambda place: made["moved"].get(place[0], place[0]), text)
    _clear(static, made["read"], pages.values())
    return made["names"]


def _clear(static, sources, texts):
    """Remove what no page loads any more."""
    for name in sources:
        path = static / name
        if not any(f"{STATIC}/{name}" in text for text in texts):
            path.unlink(missing_ok=True)
    for path in [*map(static.joinpath, UNUSED), *static.rglob("*.map")]:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    for folder in sorted((path for path in static.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _put_in(html, root, tags, common, names):
    """Return a page that loads the bundles."""
    first = [tag for tag in tags if tag.is_first]
    styles = [Tag("style", COMMON["style"])]
    scripts = [Tag("script", COMMON["script"])]
    styles += [tag for tag in tags if tag.kind == "style" and tag not in common]
    scripts += [
        tag for tag in tags if tag.kind == "script" and tag not in common and not tag.is_first
    ]
    scripts.sort(key=lambda tag: tag.late)
    written = "\n".join(tag.html(root, names) for tag in (*first, *styles, *scripts))
    return html.replace("</title>", f"</title>\n{written}", 1)
