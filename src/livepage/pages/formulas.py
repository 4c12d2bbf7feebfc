"""Formulas are set while the site is built: they need no script, and shift nothing.

KaTeX writes each one twice: for the eye, and as MathML with its LaTeX source for screen readers.
Its style sheet, its fonts, and a script by which a copied formula is LaTeX come with the site, to
pages that have a formula.
"""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinxcontrib import katex
from sphinxcontrib.katex import KaTeXError, KaTeXServer, get_node_equation_number, render_latex

from livepage import node as nodejs

logger = logging.getLogger(__name__)

FOLDER = nodejs.MODULES / "katex" / "dist"
"""Where `npm ci` puts KaTeX in this environment."""
STATIC = "katex"
PATIENCE = 60  # seconds that a busy machine may take to start KaTeX, or to set a formula
MATHML = re.compile(r"<math.*?</math>", re.DOTALL)
SIGNS = {"msub": "_", "msup": "^", "msubsup": "_^", "munder": "_", "mover": "^", "munderover": "_^"}
# What these are over stands below them, and what they take after them.
SUMS = {*"∑∏", "max", "min", "lim"}
APPLIED = "\u2061"  # between a function and what it takes; it cannot be seen
SPACED = {*"=<>+−←→≈≤≥∝≪≫∈⟸⟹"}
PUNCTUATION = re.compile(r"[.,;:!?)]*")


def setup(app):
    """Register with Sphinx how formulas are set."""
    app.add_html_math_renderer(
        "livepage", inline_renderers=(_set_inline, None), block_renderers=(_set_block, None)
    )
    app.connect("config-inited", _choose)
    app.connect("builder-inited", find_katex)
    app.connect("doctree-resolved", _keep_punctuation)
    app.connect("html-page-context", _load_styles)
    app.connect("build-finished", _copy_files)


def _choose(app, config):
    config.html_math_renderer = "livepage"


def find_katex(app):
    """Tell the renderer where KaTeX and Node are, or say how to get KaTeX."""
    if not (FOLDER / "katex.min.js").is_file():
        raise ExtensionError(
            f"Formulas are set with KaTeX, and {FOLDER} has none. `make book` installs it; "
            f"by hand: npm install --prefix {nodejs.MODULES.parent} katex"
        )
    katex.NODEJS_BINARY = str(nodejs.PROGRAM)
    KaTeXServer.katex_path = str(FOLDER / "katex.min.js")
    KaTeXServer.start_server_process = _start_server
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = PATIENCE


def _start_server(rundir, timeout):
    """Start KaTeX's server and connect to it; return both.

    The file of its socket is there a moment before it listens. On a busy machine the renderer's own
    way of starting it comes in between, and fails.
    """
    path = rundir / "katex.sock"
    command = KaTeXServer.build_command(socket=path)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=rundir)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(path))
            return process, connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            time.sleep(0.001)
    process.kill()
    raise KaTeXServer.timeout_error(timeout)


def _keep_punctuation(app, doctree, docname):
    """Let no line begin with the comma after a formula: it becomes a part of what is not broken."""
    if app.builder.format != "html":
        return
    for node in doctree.findall(nodes.math):
        follower = node.next_node(descend=False, siblings=True)
        if isinstance(follower, nodes.Text):
            node["after"] = PUNCTUATION.match(follower).group()
            node.parent.replace(follower, nodes.Text(follower.removeprefix(node["after"])))


def _set_inline(writer, node):
    writer.body.append(writer.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    writer.body.append(_html(node) + node.get("after", ""))
    writer.body.append("</span>")
    raise nodes.SkipNode


def _set_block(writer, node):
    writer.body.append(writer.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(_html(node, displayMode=True))
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def _html(node, **options):
    options |= {"throwOnError": True, "strict": "error"}
    latex = node.astext().strip()
    latex += "\n" if "%" in latex else ""  # a comment ends where its line does
    try:
        html = render_latex(latex, options)
    except KaTeXError as error:
        logger.warning("This formula is not LaTeX that KaTeX can set: %s", error, location=node)
        return ""
    node["readable"] = readable(html)
    return html


def readable(html):
    """Return a formula that KaTeX has set as one line of text, such as κ = L/μ."""
    line = _line(ElementTree.fromstring(MATHML.search(html)[0]))
    return " ".join(line.replace(f"{APPLIED}(", "(").replace(APPLIED, " ").split())


def _line(element):
    tag = element.tag.rpartition("}")[2]
    parts = [_line(child) for child in element]
    if tag == "annotation":
        return ""
    if tag == "mfrac":
        return "/".join(map(_grouped, parts))
    if tag in SIGNS:
        count = len(SIGNS[tag])
        base, scripts = "".join(parts[:-count]), parts[-count:]
        raised = (sign + _grouped(part) for sign, part in zip(SIGNS[tag], scripts, strict=True))
        return base.rstrip() + "".join(raised) + (" " if base.strip(f" {APPLIED}") in SUMS else "")
    if tag == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if tag in ("mtr", "mtd", "mspace"):
        return f" {''.join(parts)} "
    text = "".join([element.text or "", *parts])
    return f" {text} " if tag == "mo" and text in SPACED else text


def _grouped(text):
    text = text.strip()
    return text if len(text) < 3 or text.isalnum() else f"({text})"


def _load_styles(app, pagename, templatename, context, doctree):
    if doctree is None or not any(doctree.findall(_is_formula)):
        return
    app.add_css_file(f"{STATIC}/katex.min.css")
    app.add_js_file(f"{STATIC}/copy-tex.min.js", loading_method="defer")


def _is_formula(node):
    return isinstance(node, nodes.math | nodes.math_block)


def _copy_files(app, exception):
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / STATIC
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    for path in (FOLDER / "katex.min.css", FOLDER / "contrib" / "copy-tex.min.js"):
        shutil.copy(path, target)
    # Every browser that can show the page reads this format; the style sheet names it first.
    for path in (FOLDER / "fonts").glob("*.woff2"):
        shutil.copy(path, target / "fonts")
