"""The nodes of a resolved page, as the Markdown that Jupyter and Colab show.

Published converters fall short here. ``sphinx-markdown-builder`` writes the Markdown of GitHub and
passes over what it does not know; ``sphinx-tojupyter`` loses the tags of cells.
"""

import base64
import mimetypes
import re
import textwrap
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.utils import get_source_line
from sphinx.errors import SphinxError
from sphinx.locale import admonitionlabels
from sphinx.util.math import get_node_equation_number

from livepage.pages.videos import addresses
from livepage.readers.feedback import QUESTION, WITHOUT_REPOSITORY, issue_address
from livepage.readers.questions import VERDICTS

SPECIAL = re.compile(r"([\\`*_\[\]<$~])")
MARK_AT_START = re.compile(r"^(?=>|(?:#+|[-+])(?:\s|$))")
NUMBER_AT_START = re.compile(r"^(\d+)(?=[.)](?:\s|$))")
COMMENT = re.compile(r"(?<!\\)%.*")
NUMBERED = {"align": "aligned", "alignat": "alignedat", "gather": "gathered"}
ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|alignat|gather|equation)\*?\}")
FRAME = re.compile(r"<iframe\b[^>]*>(?:\s*</iframe>)?", re.IGNORECASE)
ATTRIBUTE = re.compile(r"\b(src|title)=[\"']([^\"']+)[\"']")
REMOVED = re.compile(r"<(script|style|object|embed|form|input|video)\b", re.IGNORECASE)


class Markdown:
    """Turns nodes of one page into Markdown; a node that it does not know is an error.

    Parameters
    ----------
    builder : livepage.notebooks.builder.NotebookBuilder
        Knows addresses, numbers and files.
    docname : str
        The page.
    """

    def __init__(self, builder, docname):
        self.builder = builder
        self.docname = docname

    def __call__(self, node):
        """Return the Markdown of a node; a block has no empty line at its ends."""
        method = getattr(self, f"_on_{type(node).__name__}", None)
        if method is None:
            raise self.error(node, f"a notebook cannot show the node {node.tagname!r}")
        return method(node)

    def error(self, node, problem):
        """Return an error that names the page and the line."""
        lines = (part.line for part in node.findall() if getattr(part, "line", None))
        line = next(lines, None) or get_source_line(node)[1]
        place = f"{self.docname}:{line}" if line else self.docname
        return SphinxError(f"{place}: {problem}; write it otherwise, or teach livepage.notebooks")

    def line(self, children):
        """Return inline nodes as one line."""
        return "".join(self(child) for child in children)

    def blocks(self, children, between="\n\n"):
        """Return block nodes, those that show something."""
        return between.join(part for part in map(self, children) if part)

    # ---- Inline

    def _on_Text(self, node):
        text = SPECIAL.sub(r"\\\1", " ".join(node.astext().split("\n")))
        return re.sub(r"(?<=\w)\\_(?=\w)", "_", text)

    def _on_inline(self, node):
        return self.line(node.children)

    _on_generated = _on_title_reference = _on_abbreviation = _on_inline

    def _on_emphasis(self, node):
        return f"*{self.line(node.children)}*"

    def _on_strong(self, node):
        return f"**{self.line(node.children)}**"

    def _on_literal(self, node):
        text = node.astext()
        return f"`` {text} ``" if "`" in text else f"`{text}`"

    def _on_subscript(self, node):
        return f"<sub>{self.line(node.children)}</sub>"

    def _on_superscript(self, node):
        return f"<sup>{self.line(node.children)}</sup>"

    def _on_math(self, node):
        return f"${_tex(node.astext())}$"

    def _on_reference(self, node):
        text, address = self.line(node.children), self.address(node)
        return f"[{text}]({address})" if address else text

    _on_number_reference = _on_reference

    def address(self, node):
        """Return the web address that a reference leads to, empty where it is not known."""
        if "refid" in node:
            return self.builder.address(self.docname, node["refid"])
        address = node.get("refuri", "")
        return address if re.match(r"[a-z]+:", address) else ""

    def _on_image(self, node):
        alternative = SPECIAL.sub(r"\\\1", " ".join(node.get("alt", "").split()))
        return f"![{alternative}]({self._picture(node)})"

    def _picture(self, node):
        if "://" in node["uri"] or node["uri"].startswith("data:"):
            return node["uri"]
        file = Path(self.builder.srcdir) / node["uri"]
        kind, _ = mimetypes.guess_type(file)
        if not file.is_file() or not kind:
            raise self.error(node, f"there is no picture {node['uri']!r}")
        return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"

    def _on_footnote_reference(self, node):
        return f"<sup>{node.astext()}</sup>"

    def _on_raw(self, node):
        if "html" not in node.get("format", "").split():
            return ""
        html = FRAME.sub(_as_link, node.astext())
        if REMOVED.search(html):
            raise self.error(node, f"Jupyter removes the HTML {textwrap.shorten(html, 60)!r}")
        return html.strip() if isinstance(node.parent, nodes.TextElement) else _closed(html)

    def _on_target(self, node):
        return self.line(node.children)

    def _on_comment(self, node):
        return ""

    _on_index = _on_meta = _on_substitution_definition = _on_tabular_col_spec = _on_comment
    _on_downloads = _on_launch = _on_comment  # what they offer, the reader has

    # ---- Blocks

    def _on_paragraph(self, node):
        text = self.line(node.children).strip()
        return NUMBER_AT_START.sub(r"\1\\", MARK_AT_START.sub(r"\\", text))

    def _on_compound(self, node):
        return self.blocks(node.children)

    _on_glossary = _on_legend = _on_attribution = _on_compact_paragraph = _on_compound

    def _on_container(self, node):
        component = node.get("design_component")
        if component == "dropdown":
            self._see_that_all_may_read(node)
            return self.dropdown(node)
        if component == "tab-item":
            return self._tab_item(*node.children)
        if component in (None, "div", "tab-set", "tab-content"):
            return self.blocks(node.children)
        raise self.error(node, f"a notebook cannot show the component {component!r}")

    def _see_that_all_may_read(self, dropdown):
        config = self.builder.config
        title = dropdown[0].astext() if dropdown["has_title"] else ""
        if title in (*config.livepage_solutions, *config.livepage_answers):
            raise self.error(
                dropdown, f"{title!r} stands inside a box, where students would read it"
            )

    def dropdown(self, node):
        """Return a dropdown as a line that opens on a click."""
        title, body = [nodes.Text("More")], node.children
        if node["has_title"]:
            title, body = body[0].children, body[1:]
        return folded(html_line(title), self.blocks(body))

    def _tab_item(self, title, *body):
        return f"#### {self.line(title.children)}\n\n{self.blocks(body)}"

    def _on_admonition(self, node):
        title, body = nodes.title("", admonitionlabels.get(node.tagname, "")), node.children
        if isinstance(body[0], nodes.title):
            title, *body = body
        heading = title.children or [nodes.Text(title.rawsource)]
        if "dropdown" in node["classes"]:
            return folded(html_line(heading), self.blocks(body))
        return quoted(f"**{self.line(heading)}**\n\n{self.blocks(body)}")

    _on_topic = _on_sidebar = _on_seealso = _on_admonition
    _on_note = _on_tip = _on_hint = _on_important = _on_admonition
    _on_warning = _on_caution = _on_attention = _on_danger = _on_error = _on_admonition

    def _on_rubric(self, node):
        return f"**{self.line(node.children)}**"

    def _on_caption(self, node):
        return f"*{self.line(node.children)}*"

    def _on_block_quote(self, node):
        return quoted(self.blocks(node.children))

    def _on_transition(self, node):
        return "---"

    def _on_math_block(self, node):
        tex = _tex(node.astext())
        if node.get("nowrap"):
            tex = ENVIRONMENT.sub(_inner_environment, tex).strip()
        number = get_node_equation_number(self, node) if node.get("number") else None
        return f"$$ {tex} \\tag{{{number}}} $$" if number else f"$$ {tex} $$"

    def _on_literal_block(self, node):
        code = node.astext().strip("\n")
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", code))])
        language = node.get("language", "")
        return f"{fence}{'' if language in ('default', 'none') else language}\n{code}\n{fence}"

    _on_doctest_block = _on_literal_block

    def _on_line_block(self, node):
        return "<br>\n".join(self.line(line.children) for line in node.findall(nodes.line))

    def _on_bullet_list(self, node):
        return self._list(node, ["- "] * len(node.children))

    def _on_enumerated_list(self, node):
        first = node.get("start", 1)
        return self._list(node, [f"{first + place}. " for place in range(len(node.children))])

    def _list(self, node, marks):
        lists = (nodes.bullet_list, nodes.enumerated_list)
        tight = all(isinstance(part, lists) for item in node.children for part in item.children[1:])
        between = "\n" if tight else "\n\n"
        items = zip(marks, node.children, strict=True)
        return between.join(hung(mark, self.blocks(item.children, between)) for mark, item in items)

    def _on_definition_list(self, node):
        items = ("".join(self(part) for part in item.children) for item in node.children)
        return "\n".join(hung("- ", item) for item in items)

    def _on_term(self, node):
        return f"**{self.line(node.children)}**: "

    def _on_definition(self, node):
        return self.blocks(node.children)

    def _on_figure(self, node):
        for caption in node.findall(nodes.caption):
            caption.insert(0, nodes.Text(self._figure_number(node)))
        return self.blocks(node.children)

    def _figure_number(self, node):
        known = self.builder.fignumbers.get("figure", {})
        number = next((known[name] for name in node["ids"] if name in known), None)
        if not number:
            return ""
        return self.builder.config.numfig_format["figure"] % ".".join(map(str, number)) + " "

    def _on_table(self, node):
        caption = [self(part) for part in node.children if isinstance(part, nodes.title)]
        rows = [[self._entry(entry) for entry in row.children] for row in node.findall(nodes.row)]
        width = max(len(row) for row in rows)
        if not list(node.findall(nodes.thead)):
            rows.insert(0, [""] * width)
        rows.insert(1, ["---"] * width)
        lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        return "\n\n".join([*caption, lines])

    def _on_title(self, node):
        return f"**{self.line(node.children)}**"

    def _entry(self, entry):
        if "morecols" in entry or "morerows" in entry:
            raise self.error(entry, "a notebook's table has no cell over several rows or columns")
        for child in entry.findall(nodes.math):
            child.children = [nodes.Text(child.astext().replace("|", r"\vert "))]
        text = self.blocks(entry.children, "<br>")
        return re.sub(r"(?<!\\)\|", r"\\|", text.replace("\n", " "))

    def _on_footnote(self, node):
        label, *body = node.children
        return f"<sup>{label.astext()}</sup> {self.blocks(body)}"

    # ---- Questions

    def _on_question(self, node):
        """Return a question; a click on a choice opens its reason, without a kernel."""
        prompt, *rest = node.children
        return f"**Question.** {self.line(prompt.children)}\n\n{self.blocks(rest)}"

    def _on_choice(self, node):
        label, *reasons = node.children
        verdict = f"**{VERDICTS[node['right']]}** "
        return folded(html_line(label.children), quoted(verdict + self.blocks(reasons)))

    # ---- Videos

    def _on_video(self, node):
        """Return a video's title and length, its text, and links to where it is watched."""
        title, *body = node.children
        heading = f"**{self.line(title.children)}**" + (node["length"] and f" ({node['length']})")
        links = " or ".join(f"[{name}]({address})" for name, address in addresses(node))
        text = [heading, self.blocks(body), f"Watch it on {links}, an external site."]
        return quoted("\n\n".join(part for part in text if part))

    # ---- Feedback

    def _on_feedback(self, node):
        """Return a line with a link to an issue, as on a page without scripts."""
        address = issue_address(self.builder.env.livepage_repository, node)
        if not node["section"]:
            return f"{QUESTION} " + (
                f"[Tell us in an issue.]({address})" if address else WITHOUT_REPOSITORY
            )
        return f"*How was this section? [Tell us in an issue.]({address})*" if address else ""


def quoted(text):
    """Return a block of Markdown as a quotation."""
    return textwrap.indent(text, "> ", lambda line: True).replace("> \n", ">\n")


def hung(mark, text):
    """Return a block of Markdown as an item of a list."""
    return mark + textwrap.indent(text, " " * len(mark)).lstrip(" ")


def folded(summary, text):
    """Return Markdown that a click on a line of HTML opens."""
    return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>"


TAGS = {
    "emphasis": "em",
    "strong": "strong",
    "literal": "code",
    "subscript": "sub",
    "superscript": "sup",
}


def html_line(children):
    """Return inline nodes as HTML, for a place where Markdown is not read."""
    return "".join(map(_html, children))


def _html(node):
    if isinstance(node, nodes.Text):
        return escape(" ".join(node.astext().split("\n")), quote=False)
    if isinstance(node, nodes.math):
        # Not as &lt;, which Jupyter would escape once more.
        tex = node.astext().replace("<", r" \lt ").replace(">", r" \gt ")
        return f"${_tex(tex)}$"
    tag = TAGS.get(node.tagname)
    inside = html_line(node.children)
    return f"<{tag}>{inside}</{tag}>" if tag else inside


def _tex(text):
    """Return a formula on one line, as lists and quotations need it."""
    return " ".join(COMMENT.sub("", text).split())


def _inner_environment(match):
    which, name = match.groups()
    return "" if name == "equation" else f"\\{which}{{{NUMBERED[name]}}}"


def _as_link(match):
    found = dict(ATTRIBUTE.findall(match[0]))
    address = found.get("src", "")
    return f"[{found.get('title', address)}]({address})"


def _closed(html):
    """Return a block of HTML without empty lines, which would end it."""
    return re.sub(r"\n\s*\n", "\n", html).strip()
