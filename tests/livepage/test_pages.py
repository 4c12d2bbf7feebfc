"""What the directives and the numbers of a book become on its pages."""

import pytest
from tests.livepage.conftest import cell

QUESTION = """
:::{question} Is *one* less than $2$?
- [ ] No.

  It is: $1 < 2$.
- [x] Yes.

  Because `1 < 2`.
:::
"""


def test_a_number_of_a_cell_is_shown_in_a_sentence(small_book):
    small_book.append(
        "second",
        cell(
            "import numpy\nfrom livepage import glue\n"
            "glue('half', numpy.float32(0.5))\nglue('many', 60000)"
        ),
    )
    text = "It is {glue:text}`half:.2f` of {glue:text}`many:,.0f`."
    small_book.append("second", text)
    status, output = small_book.build()
    assert status == 0, output
    assert ">0.50<" in small_book.page("second")
    assert ">60,000<" in small_book.page("second")


def test_the_feedback_line_leads_to_the_repository_of_the_workflow(small_book):
    small_book.variables["GITHUB_REPOSITORY"] = "fork/book"
    small_book.append("index", QUESTION)
    status, output = small_book.build()
    assert status == 0, output
    page = small_book.page("index")
    assert "https://github.com/fork/book/issues/new?title=Feedback+on+book%2Findex" in page
    assert page.count('type="radio"') == 2
    assert page.count('<div class="choice right">') == 1
    assert "<em>one</em>" in page
    assert "[x]" not in page


def test_without_a_repository_the_feedback_line_has_no_link(built_book):
    page = built_book.page("index")
    assert "Was something on this page unclear or wrong?" in page
    assert "issues/new" not in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[x]", "[ ]"), "exactly one choice that is marked [x]"),
        (("[ ]", "[x]"), "exactly one choice that is marked [x]"),
        (("[ ] No.", "No."), "choice 1 needs a mark"),
        (("\n\n  Because `1 < 2`.", ""), "choice 2 needs a mark, [ ] or [x], and"),
        (("- [", "["), "needs one list of choices"),
    ],
)
def test_a_question_that_is_not_whole_is_told(small_book, change, message):
    question = QUESTION.replace(*change)
    small_book.write("book/index.md", f"# A book\n{question}")
    status, output = small_book.build()
    assert status != 0
    ending = output[output.index("The book was not built") :]
    assert "book/index.md" in ending
    assert message in ending
