"""Questions with choices that answer at once, in the page itself: no kernel and no script.

In a chapter::

    :::{question} Which step is longer?
    - [ ] The first.

      It is not: ...
    - [x] The second.

      Because ...
    :::

Each choice is a radio button, and the style sheet shows the reason of the one that is chosen.
Where there is no style sheet, or on paper, all reasons are shown. A notebook has no radio buttons:
there each choice is a line that opens on a click.
"""

import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

MARK = re.compile(r"^\[([ xX])\]\s+")
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
        if sum(part["right"] for part in choices) != 1:
            raise self.error("a question needs exactly one choice that is marked [x]")
        prompt, messages = self.state.inline_text(self.arguments[0], self.lineno)
        between = [child for child in body.children if child is not lists[0]]
        return [question("", question_prompt("", "", *prompt), *between, *choices), *messages]

    def _choice(self, item, name, number):
        """Return the node of a choice."""
        first, *reasons = item.children
        text = first.children[0] if first.children else nodes.Text("")
        mark = MARK.match(text.astext())
        if not mark or not reasons:
            raise self.error(
                f"choice {number + 1} needs a mark, [ ] or [x], and after an empty line a reason"
            )
        first.replace(text, nodes.Text(text.astext()[mark.end() :]))
        label = choice_label("", "", *first.children)
        right = mark[1] in "xX"
        return choice("", label, *reasons, right=right, group=name, identity=f"{name}-{number}")


class question(nodes.General, nodes.Element):
    """A question: its prompt, what stands between, and the choices."""


class question_prompt(nodes.TextElement):
    """What is asked."""


class choice(nodes.Element):
    """A choice: its label and its reason, whether it is right, and the names of its control."""


class choice_label(nodes.TextElement):
    """What is chosen."""


def _enter_question(writer, node):
    writer.body.append('<fieldset class="question">')


def _leave_question(writer, node):
    writer.body.append("</fieldset>")


def _enter_prompt(writer, node):
    writer.body.append("<legend><span>")


def _leave_prompt(writer, node):
    writer.body.append("</span></legend>")


def _enter_choice(writer, node):
    kind = "right" if node["right"] else "wrong"
    writer.body.append(
        f'<div class="choice {kind}"><input type="radio" name="{node["group"]}" '
        f'id="{node["identity"]}" aria-describedby="{node["identity"]}-reason">'
    )


def _leave_choice(writer, node):
    writer.body.append("</div></div>")


def _enter_label(writer, node):
    writer.body.append(f'<label for="{node.parent["identity"]}"><span>')


def _leave_label(writer, node):
    """End the label and begin the reason, which is all that follows."""
    verdict = VERDICTS[node.parent["right"]]
    writer.body.append(
        f'</span></label><div class="reason" id="{node.parent["identity"]}-reason">'
        f"<strong>{verdict}</strong>"
    )


def setup(app):
    """Register the directive and its nodes with Sphinx."""
    app.add_directive("question", Question)
    app.add_node(question, html=(_enter_question, _leave_question))
    app.add_node(question_prompt, html=(_enter_prompt, _leave_prompt))
    app.add_node(choice, html=(_enter_choice, _leave_choice))
    app.add_node(choice_label, html=(_enter_label, _leave_label))
