"""Questions with choices that answer at once, in the page itself: no kernel and no script.

In a chapter::

    :::{question} Which step is longer?
    - [ ] The first.

      It is not: ...
    - [x] The second.

      Because ...
    :::

Each choice is a radio button, and the style sheet shows the reason of the one that is chosen.
Where there is no style sheet, or on paper, all reasons are shown. A notebook knows no directive and
no radio button: there each choice is a line that opens on a click (see `for_notebook`).
"""

import re
import textwrap
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

MARK = re.compile(r"^\[([ xX])\]\s+")
BLOCK = re.compile(
    r"""
    ^(?P<fence>:{3,}|`{3,}) \{question\} [ ]+ (?P<prompt>.+) \n
    (?P<body>[\s\S]*?)
    ^(?P=fence)$
    """,
    re.MULTILINE | re.VERBOSE,
)
CHOICE = re.compile(r"^- (?=\[[ xX]\])", re.MULTILINE)
VERDICTS = {True: "Right.", False: "Not quite."}


class Question(SphinxDirective):
    """``{question}``: the question is the argument, the choices are a list with marks."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        """Return the question with its choices."""
        body = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, body)
        lists = [child for child in body.children if isinstance(child, nodes.bullet_list)]
        if len(lists) != 1:
            raise self.error("a question needs one list of choices, as in '- [x] the right one'")
        name = f"question-{self.env.new_serialno('question')}"
        choices = [
            self._choice(item, name, number) for number, item in enumerate(lists[0].children)
        ]
        if sum(right for right, _ in choices) != 1:
            raise self.error("a question needs exactly one choice that is marked [x]")
        prompt, messages = self.state.inline_text(self.arguments[0], self.lineno)
        between = [child for child in body.children if child is not lists[0]]
        return [
            _html('<fieldset class="question">'),
            *_wrapped("legend", "", prompt),
            *between,
            *(node for _, parts in choices for node in parts),
            _html("</fieldset>"),
            *messages,
        ]

    def _choice(self, item, name, number):
        """Return whether a choice is right, and its nodes."""
        first, *reasons = item.children
        text = first.children[0] if first.children else nodes.Text("")
        mark = MARK.match(text.astext())
        if not mark or not reasons:
            raise self.error(
                f"choice {number + 1} needs a mark, [ ] or [x], and after an empty line a reason"
            )
        right = mark[1] in "xX"
        first.replace(text, nodes.Text(text.astext()[mark.end() :]))
        identity = f"{name}-{number}"
        kind, verdict = "right" if right else "wrong", VERDICTS[right]
        control = f'<input type="radio" name="{name}" id="{identity}" aria-describedby='
        control += f'"{identity}-reason">'
        return right, [
            _html(f'<div class="choice {kind}">{control}'),
            *_wrapped("label", f' for="{identity}"', first.children),
            _html(f'<div class="reason" id="{identity}-reason"><strong>{verdict}</strong>'),
            *reasons,
            _html("</div></div>"),
        ]


def _wrapped(tag, attributes, children):
    """Return a line of text inside an HTML element that docutils does not know."""
    line = nodes.inline("", "", *children)
    return [_html(f"<{tag}{attributes}>"), line, _html(f"</{tag}>")]


def _html(text):
    return nodes.raw("", text, format="html")


def for_notebook(text):
    """Return MyST text with every question as Markdown that Jupyter and Colab show and answer.

    Parameters
    ----------
    text : str
        The text of a chapter or of a Markdown cell, with any number of ``{question}`` blocks. Other
        directives are left alone.

    Returns
    -------
    str
        Each choice is an HTML ``details`` element: a click opens its reason.
    """
    return BLOCK.sub(_as_details, text)


def _as_details(block):
    preamble, *choices = CHOICE.split(block["body"])
    parts = [f"**Question.** {block['prompt']}", preamble.strip()]
    for choice in choices:
        right = MARK.match(choice)[1] in "xX"
        answer, _, reason = MARK.sub("", choice).partition("\n\n")
        summary = re.sub("`([^`]+)`", r"<code>\1</code>", escape(" ".join(answer.split())))
        parts.append(f"<details><summary>{summary}</summary>")
        parts.append(f"**{VERDICTS[right]}** {textwrap.dedent(reason).strip()}")
        parts.append("</details>")
    return "\n\n".join(part for part in parts if part)


def setup(app):
    """Register the directive with Sphinx."""
    app.add_directive("question", Question)
