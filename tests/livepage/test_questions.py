"""Questions in a notebook, which knows no directive."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from livepage.questions import for_notebook

CHAPTERS = sorted((Path(__file__).parents[2] / "book").glob("*.md"))

QUESTION = """Before.

:::{question} Is *one* less than $2$?
Think of `x < 2`.

- [ ] No, `1 < 2`
  is false.

  It is not: $1 < 2$.

      one
- [x] Yes.

  Because.
:::

:::{dropdown} Hint
- [ ] not a choice
:::
"""


class Details(HTMLParser):
    """What a click on each choice opens."""

    def __init__(self, html):
        super().__init__()
        self.summaries, self.bodies, self.inside = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "details":
            self.bodies.append("")
            self.inside = self.bodies
        if tag == "summary":
            self.summaries.append("")
            self.inside = self.summaries

    def handle_endtag(self, tag):
        self.inside = {"summary": self.bodies, "details": None}.get(tag, self.inside)

    def handle_data(self, data):
        if self.inside is not None:
            self.inside[-1] += data


def test_a_choice_opens_its_reason():
    details = Details(MarkdownIt().render(for_notebook(QUESTION)))
    assert details.summaries == ["No, 1 < 2 is false.", "Yes."]
    wrong, right = (" ".join(body.split()) for body in details.bodies)
    assert wrong == "Not quite. It is not: $1 < 2$. one"
    assert right == "Right. Because."


def test_the_question_stays_and_so_does_all_around_it():
    text = for_notebook(QUESTION)
    assert text.startswith("Before.\n\n**Question.** Is *one* less than $2$?\n\nThink of `x < 2`.")
    assert text.endswith(":::{dropdown} Hint\n- [ ] not a choice\n:::\n")


def test_a_text_without_questions_is_left_alone():
    assert for_notebook("# Title\n\n- [x] done\n") == "# Title\n\n- [x] done\n"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_choice_of_a_chapter_is_there(path):
    text = path.read_text()
    blocks = re.findall(r"^:::\{question\}(.*?)^:::$", text, re.MULTILINE | re.DOTALL)
    choices = sum(len(re.findall(r"^- \[[ xX]\] ", block, re.MULTILINE)) for block in blocks)
    rendered = for_notebook(text)
    assert "{question}" not in rendered
    details = Details("\n".join(re.findall(r"<details>.*?</details>", rendered, re.DOTALL)))
    assert len(details.summaries) == choices
    assert sum("**Right.**" in body for body in details.bodies) == len(blocks)
