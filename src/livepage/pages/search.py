"""Search that finds words of the text, functions, terms and the names of formulas.

Sphinx's own index stays. Beside it stands the text of each passage as it reads, with formulas set
in a line: of sections, terms of the glossary, documented objects, and formulas that are named by an
index entry before them::

    ```{index} ! heavy ball, ! velocity
    ```

The page `search.html` loads both when something is searched, by classic scripts, so that a folder
on the reader's own machine can be searched too.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

FOLDER = "passages"  # among what Sphinx keeps between builds
SCRIPT = "search-text.js"
LEFT_OUT = (nodes.literal_block, nodes.raw, nodes.comment, nodes.title, nodes.image)
PASSAGES = (nodes.section, nodes.term, addnodes.desc)
ENOUGH = 400  # letters of an object's or a term's description


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", _keep_passages)
    app.connect("build-finished", _write_script)


def _kept(app, docname):
    return Path(app.doctreedir, FOLDER, f"{docname}.json")


def _keep_passages(app, pagename, templatename, context, doctree):
    if pagename == "search":
        app.add_css_file("search.css")
        app.add_js_file("search.js", loading_method="defer")
    if doctree is None:
        return
    kept = _kept(app, pagename)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(list(passages(doctree)), ensure_ascii=False), encoding="utf-8")


def _write_script(app, error):
    if error or app.builder.format != "html":
        return
    found = {name: _kept(app, name) for name in sorted(app.env.found_docs)}
    pages = ",\n".join(
        f"{json.dumps(name)}: {kept.read_text(encoding='utf-8')}"
        for name, kept in found.items()
        if kept.is_file()
    )
    script = Path(app.outdir) / "_static" / SCRIPT
    script.write_text(f"livepageSearch.receive({{\n{pages}\n}});\n", encoding="utf-8")


def passages(doctree):
    """Yield the passages of a page.

    Parameters
    ----------
    doctree : docutils.nodes.document
        The page, when it has been written as HTML.

    Yields
    ------
    list of str
        The kind (``section``, ``term``, ``object`` or ``formula``), the anchor, the title and the
        text.
    """
    for node in doctree.findall():
        if isinstance(node, nodes.section):
            yield ["section", node["ids"][0], _title(node), _text(node)]
        elif isinstance(node, nodes.term) and node["ids"]:
            yield ["term", node["ids"][0], node.astext(), _text(node.parent)[:ENOUGH]]
        elif isinstance(node, addnodes.desc):
            yield from _objects(node)
        elif isinstance(node, addnodes.index):
            yield from _named_formula(node)


def _title(section):
    return " ".join("".join(map(_words, section.next_node(nodes.title).children)).split())


def _objects(desc):
    (content,) = (child for child in desc.children if isinstance(child, addnodes.desc_content))
    first = content.next_node(nodes.paragraph)
    text = " ".join(_words(first).split())[:ENOUGH] if first else ""
    for signature in desc.findall(addnodes.desc_signature):
        if signature.parent is desc and signature["ids"]:
            name = ".".join(filter(None, map(signature.get, ("module", "fullname"))))
            yield ["object", signature["ids"][0], name, text]


def _named_formula(index):
    """Yield the formula that follows an index entry."""
    names = [value for kind, value, _, main, *_ in index["entries"] if kind == "single" and main]
    following = index.next_node(descend=False, siblings=True, condition=_shows_something)
    if names and isinstance(following, nodes.math_block):
        anchor = index["entries"][0][2]
        yield ["formula", anchor, ", ".join(names), following.get("readable", "")]


def _shows_something(node):
    return not isinstance(node, nodes.target | addnodes.index)


def _text(node):
    """Return what a section or a definition says, less the sections inside it."""
    parts = [_words(child) for child in node.children if not isinstance(child, nodes.section)]
    return " ".join(" ".join(parts).split())


def _words(node):
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, nodes.math | nodes.math_block):
        apart = "" if isinstance(node, nodes.math) else " "
        return f"{apart}{node.get('readable', '')}{node.get('after', '')}{apart}"
    if "feedback" in node["classes"] or isinstance(node, LEFT_OUT + PASSAGES):
        return ""
    between = "" if isinstance(node, nodes.TextElement) else " "
    return between.join(map(_words, node.children))
