"""What a reader has read and solved: ticked off in the page, kept by the reader's browser alone.

Each chapter ends with a box to tick, and so does each exercise: a section of a chapter whose
heading begins with a word of ``livepage_exercises`` and a number. A panel in the side bar shows how
far the reader is, and saves, loads and forgets it. All of this appears once its script runs.

The pages of the table of contents are the chapters, but for those that a pattern of
``livepage_no_chapters`` matches. A chapter is known by the name of its document and an exercise by
that and its number, so that what was ticked off outlives new builds and edits.
"""

import re
from fnmatch import fnmatchcase

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

PANEL = "reader-progress.html"
NAVIGATION = "sbt-sidebar-nav.html"  # the theme's; the panel stands before it


class tick(nodes.General, nodes.Element):
    """A box to tick: the ``kind`` and ``name`` of what is ticked off, and the ``label``."""


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("livepage_no_chapters", [], "html", [list])
    app.add_config_value("livepage_exercises", ["Exercise"], "env", [list])
    app.add_node(tick, html=(_enter_tick, _leave_tick))
    app.add_css_file("progress.css")
    app.add_js_file("progress.js", loading_method="defer")
    app.connect("doctree-read", _note_exercises)
    app.connect("env-purge-doc", _forget)
    app.connect("env-updated", _check_patterns)
    app.connect("doctree-resolved", _add_ticks)
    app.connect("html-page-context", _add_panel)


def exercises(document, words):
    """Return the exercises of a page.

    Parameters
    ----------
    document : docutils.nodes.document
        The page.
    words : list of str
        What their headings begin with, before the number.

    Returns
    -------
    list of tuple of (docutils.nodes.section, str, str)
        For each its section, its word and its number, such as ``"Exercise"`` and ``"4"``.
    """
    begin = re.compile(rf"({'|'.join(map(re.escape, words))})\s+(\d+(?:\.\d+)*[a-z]?)\b")
    headings = [(part, begin.match(part[0].astext())) for part in document.findall(nodes.section)]
    return [(part, *match.groups()) for part, match in headings if match]


def chapters(env):
    """Return the names of the documents that are chapters, in the order of the book."""
    patterns = env.config.livepage_no_chapters
    pages = dict.fromkeys(_in_order(env, env.config.root_doc))
    return [name for name in pages if not _matches(name, patterns)]


def _in_order(env, docname):
    """Yield a document and all below it in the table of contents."""
    yield docname
    for name in env.toctree_includes.get(docname, ()):
        yield from _in_order(env, name)


def _matches(name, patterns):
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _noted(env):
    """Return the numbers of the exercises of each page."""
    if not hasattr(env, "livepage_exercise_numbers"):
        env.livepage_exercise_numbers = {}
    return env.livepage_exercise_numbers


def _note_exercises(app, doctree):
    found = exercises(doctree, app.config.livepage_exercises)
    numbers = [number for _, _, number in found]
    for place, (section, word, number) in enumerate(found):
        if number in numbers[:place]:
            logger.warning(
                "%s %s is on this page twice; give one another number, so that a reader can tick "
                "them off one by one",
                word,
                number,
                location=section,
            )
    _noted(app.env)[app.env.docname] = numbers


def _forget(app, env, docname):
    _noted(env).pop(docname, None)


def _check_patterns(app, env):
    for pattern in app.config.livepage_no_chapters:
        if not any(fnmatchcase(name, pattern) for name in env.found_docs):
            logger.warning("livepage_no_chapters: no page of the book is called %r", pattern)


def _add_ticks(app, doctree, docname):
    sections = [part for part in doctree.children if isinstance(part, nodes.section)]
    if app.builder.format != "html" or not sections or docname not in chapters(app.env):
        return
    for section, word, number in exercises(doctree, app.config.livepage_exercises):
        label = f"I have solved {word.lower()} {number}"
        section += tick(kind="exercises", name=f"{docname}#{number}", label=label)
    sections[0] += tick(kind="chapters", name=docname, label="I have read this chapter")


def _enter_tick(writer, node):
    identity = "tick-" + re.sub(r"\W+", "-", node["name"])
    attributes = {"data-kind": node["kind"], "data-name": node["name"]}
    writer.body.append(writer.starttag(node, "div", CLASS="tick", **attributes))
    writer.body.append(
        f'<input type="checkbox" id="{identity}">'
        f'<label for="{identity}">{writer.encode(node["label"])}</label>'
        '<span role="status"></span>'
    )


def _leave_tick(writer, node):
    writer.body.append("</div>\n")


def _add_panel(app, pagename, templatename, context, doctree):
    """Put the panel before the table of contents, and tell it what there is to tick off."""
    names = chapters(app.env)
    sidebars = list(context.get("sidebars") or ())
    if NAVIGATION not in sidebars or not names:
        return
    sidebars.insert(sidebars.index(NAVIGATION), PANEL)
    context["sidebars"] = sidebars
    context["livepage_chapters"] = [
        {
            "name": name,
            "address": context["pathto"](name),
            "exercises": [f"{name}#{number}" for number in _noted(app.env).get(name, ())],
        }
        for name in names
    ]
    context["livepage_exercises"] = sum(len(_noted(app.env).get(name, ())) for name in names)
