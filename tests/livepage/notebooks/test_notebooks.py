"""A small book becomes notebooks: every kind of node, both editions, and what goes wrong."""

import re
from pathlib import Path

import nbformat
import pytest
from tests.livepage.conftest import HEAD, SmallBook, cell
from tests.notebooks.leftovers import leftovers

PAGE = Path(__file__).with_name("page.md")
GLOSSARY = "# A book\n\n```{glossary}\nthing\n  What it is.\n```\n\n```{bibliography}\n```\n"
ANSWERS = 'def double(x):\n    """Return twice x."""\n    return 2 * x\n'
SITE = "https://owner.github.io/book/"
WORKFLOW = {
    "GITHUB_REPOSITORY": "Owner/book",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_REF_NAME": "main",
}


def notebook(book, edition, name):
    path = book.folder / "_build" / "notebooks" / edition / f"{name}.ipynb"
    return nbformat.read(path, as_version=4)


def texts(notebook):
    """Return all Markdown, and all code, as one text each."""
    kinds = ("markdown", "code")
    return tuple(
        "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == kind)
        for kind in kinds
    )


def full_book(folder):
    book = SmallBook(folder)
    book.variables |= WORKFLOW
    book.write("book/index.md", GLOSSARY)
    book.write("book/first.md", PAGE.read_text())
    book.write("book/prose.md", f"{HEAD}# Prose\n\nIt could have code, and has none.\n")
    book.replace("_toc.yml", "- file: book/second\n", "- file: book/second\n- file: book/prose\n")
    book.write("src/toy/answers.py", ANSWERS)
    book.write("pyproject.toml", '[project]\nname = "toy-course"\n')
    return book


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = full_book(tmp_path_factory.mktemp("book"))
    status, output = book.build("--notebooks")
    assert status == 0, output
    assert "The notebooks are written" in output.splitlines()[-1]
    return book


@pytest.fixture(scope="module")
def student(book):
    return notebook(book, "student", "first")


@pytest.fixture(scope="module")
def instructor(book):
    return notebook(book, "instructor", "first")


def test_pages_with_code_have_a_notebook_and_others_have_none(book):
    folder = book.folder / "_build" / "notebooks"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {
        f"{edition}/{name}.ipynb"
        for edition in ("student", "instructor")
        for name in ("first", "second")
    }


def test_nothing_is_left_of_myst(student, instructor):
    for one in (student, instructor):
        for part in one.cells:
            assert part.cell_type == "code" or leftovers(part.source) == []


def test_a_notebook_is_valid_and_has_no_outputs(student):
    nbformat.validate(student)
    assert (student.nbformat, student.nbformat_minor) == (4, 5)
    assert student.metadata.kernelspec.name == "python3"
    identities = [part.id for part in student.cells]
    assert len(set(identities)) == len(identities)
    code = [part for part in student.cells if part.cell_type == "code"]
    assert not any(part.outputs or part.execution_count for part in code)


@pytest.mark.parametrize(
    "shown",
    [
        # Text
        r"A sentence with **bold**, `code`, a star \*, a [web link](https://example.org/a_b), "
        "snake_case, and a line that goes on.",
        "\\# no title\n\n\\- no item\n\n1\\. no number\n\n\\> no quotation, \\$5 and \\<b>",
        # What is resolved, as on the site
        "It is 0.50, or seven.",
        f"See [A book]({SITE}book/index.html)",
        f"[Numbers and references]({SITE}book/first.html#a-target)",
        f"[Fig. 1]({SITE}book/first.html#a-figure)",
        f"[(1)]({SITE}book/first.html#equation-one)",
        f"[thing]({SITE}book/index.html#term-thing)",
        rf"\[[Author, 2020]({SITE}book/index.html#id",
        f"[a heading]({SITE}book/first.html#boxes)",
        # Formulas on one line, with the site's numbers
        r"$$ x_1 < \lvert y \rvert \tag{1} $$",
        r"$$ \begin{aligned} a &= b \\ c &= d \end{aligned} \tag{2} $$",
        r"$$ \begin{aligned} e &= f \end{aligned} \tag{3} $$",
        # Figures and tables
        r"![A logo with a \*star\*](data:image/svg+xml;base64,",
        "*Fig. 1 What the figure shows.*",
        "![By itself](https://example.org/b.png)",
        "| name | value |\n| --- | --- |\n| $\\lvert x \\rvert$ | a \\| b |",
        # Boxes
        "> **With a *title***\n>\n> Text, then a formula\n>\n> $$ z = 1 $$\n>\n> - one\n> - two",
        "> **Note**\n>\n> A note.",
        "\n\nIn a *plain* box, with a way in.\n\n<details>",
        "<details>\n<summary>Folded</summary>\n\nInside.\n\n</details>",
        "<details>\n<summary>More</summary>\n\nWithout a title.\n\n</details>",
        "#### First tab\n\nIn the first.\n\n#### Second tab\n\nIn the second.",
        "> A quotation.",
        "1. First.\n\n   More of the first.\n\n2. Second:\n\n   - inner\n\n3. one",
        "\n---\n",
        '```python\nprint("not a cell")\n```',
        "- **Term**: Its definition.",
        "A note<sup>1</sup>.",
        "<sup>1</sup> The footnote.",
        "[A film](https://example.org/video)",
        # Questions: a click opens the reason
        "**Question.** Is $1 < 2$ *really*?\n\nThink of `x`.",
        "<details>\n<summary>No, $1 \\lt 2$ is <code>false</code>.</summary>\n\n"
        "> **Not quite.** It is not.\n\n</details>",
        "<details>\n<summary>Yes.</summary>\n\n> **Right.** Because.\n\n</details>",
        # Exercises
        "<details>\n<summary>Hint 1</summary>\n\nThink of *two*.\n\n</details>",
        "[Tell us in an issue.](https://github.com/Owner/book/issues/new?",
    ],
)
def test_each_node_is_shown(student, instructor, shown):
    assert shown in texts(student)[0]
    assert shown in texts(instructor)[0]


def test_headings_lead_back_to_their_section(student):
    markdown, _ = texts(student)
    assert f"# Every *kind* of node [↗]({SITE}book/first.html#every-kind-of-node)" in markdown
    assert f"## Boxes [↗]({SITE}book/first.html#boxes)" in markdown


def test_code_keeps_its_order_and_tags_and_is_folded_where_the_page_folds_it(student):
    code = [part for part in student.cells if part.cell_type == "code"]
    openings = [part.source.splitlines()[:2] for part in code[:6]]
    assert openings == [
        ["# @title Set up: install toy-course if it is missing", "import importlib"],
        ["# @title Numbers for the text", "before = 1"],
        ["from livepage import glue", "import toy.red"],
        ["# @title Numbers for the text", 'glue("half", half)'],
        ["# @title Code that you need not read", 'print("a figure")'],
        ["# @title The check of this claim", "assert half < 1"],
    ]
    tags = [part.metadata.get("tags", []) for part in code[:6]]
    assert tags == [["set-up"], ["remove-cell"], [], ["remove-cell"], ["hide-input"], ["hide-cell"]]
    folded = ["jupyter" in part.metadata and part.metadata.cellView == "form" for part in code[:6]]
    assert folded == [True, True, False, True, True, True]


def test_only_the_instructor_has_the_solution_and_the_answer(student, instructor):
    markdown, code = texts(student)
    assert "2 * x" not in code
    assert "In words" not in markdown
    assert "Because of" not in markdown
    assert f"*Solution: on [the page]({SITE}book/first.html#exercise).*" in markdown
    assert f"*Our answer: on [the page]({SITE}book/first.html#exercise).*" in markdown
    markdown, code = texts(instructor)
    assert "on [the page]" not in markdown
    assert "**with solutions**" in markdown
    assert "<summary>Our answer</summary>\n\nBecause of *that*." in markdown
    sources = [part.source for part in instructor.cells]
    stub = next(place for place, source in enumerate(sources) if "return ..." in source)
    assert sources[stub + 1 : stub + 4] == [
        "### Solution\n\nIn words first.",
        ANSWERS.strip(),
        "In words after.",
    ]


def test_without_those_cells_both_editions_are_the_same(student, instructor):
    def common(notebook):
        own = {"solution", "answer", "pointer"}
        return [
            (part.id, part.source, part.metadata)
            for part in notebook.cells
            if not own & set(part.metadata.get("tags", [])) and "belongs to" not in part.source
        ]

    assert common(student) == common(instructor)


def test_the_site_is_built_from_the_same_pages_without_executing_them_again(book):
    status, output = book.build()
    assert status == 0, output
    assert "Executing notebook" not in output
    page = book.page("first")
    assert page.count('<div class="choice ') == 2
    assert re.findall(r'class="eqno">\((\d)\)', page) == ["1", "2", "3"]
    again = notebook(book, "student", "first")
    status, output = book.build("--notebooks")
    assert status == 0, output
    assert notebook(book, "student", "first") == again
    assert "Executing notebook" not in output


def test_where_nobody_knows_the_site_names_stand_without_links(tmp_path):
    book = full_book(tmp_path)
    book.variables = {"GITHUB_REPOSITORY": ""}
    status, output = book.build("--notebooks")
    assert status == 0, output
    markdown, code = texts(notebook(book, "student", "first"))
    assert "See A book, Numbers and references, Fig. 1, (1), thing," in markdown
    assert re.search(r"^# Every \*kind\* of node$", markdown, re.MULTILINE)
    assert "*Solution: on the page of this chapter.*" in markdown
    assert "pip install ." in code
    assert leftovers(markdown) == []


FAULTS = {
    "an unknown node": (
        "```{eval-rst}\n.. py:function:: f(x)\n\n   A function.\n```\n",
        "book/second:14: a notebook cannot show the node 'desc'",
    ),
    "html that Jupyter removes": (
        "<script>alert()</script>\n",
        "book/second:13: Jupyter removes the HTML '<script>alert()</script>'",
    ),
    "a solution of nothing": (
        ":::{dropdown} Solution\n```python\ndef f():\n    pass\n```\n:::\n",
        "book/second:13: a solution defines f, and no cell before it defines the same",
    ),
    "a solution that would be shown to students": (
        "::::{note}\n:::{dropdown} Solution\nRead this.\n:::\n::::\n",
        "book/second:15: 'Solution' stands inside a box, where students would read it",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_notebook_cannot_show_is_told_with_its_place(built_notebooks, fault):
    text, message = FAULTS[fault]
    before = built_notebooks.snapshot("notebooks")
    original = (built_notebooks.folder / "book" / "second.md").read_text()
    built_notebooks.append("second", text)
    status, output = built_notebooks.build("--notebooks")
    built_notebooks.write("book/second.md", original)
    assert status != 0
    ending = output[output.index("The notebooks were not written") :]
    assert message in ending
    assert ending.endswith("The last good notebooks, _build/notebooks, are as they were.\n")
    assert built_notebooks.snapshot("notebooks") == before


@pytest.fixture(scope="module")
def built_notebooks(tmp_path_factory):
    book = SmallBook(tmp_path_factory.mktemp("faults"))
    book.write("book/second.md", f"{HEAD}# Second\n\n{cell('half = 0.5')}\n")
    status, output = book.build("--notebooks")
    assert status == 0, output
    return book


def test_a_page_may_be_left_out_and_two_may_not_share_a_name(built_notebooks):
    book = built_notebooks
    book.replace("_toc.yml", "- file: book/second\n", "- file: book/second\n- file: more/second\n")
    book.write("more/second.md", f"{HEAD}# Another\n\n{cell('1 + 1')}\n")
    status, output = book.build("--notebooks")
    assert status != 0
    assert "more/second: book/second has a notebook of the same name; rename one" in output
    book.replace(
        "more/second.md", "file_format: mystnb\n", "file_format: mystnb\nnotebook: false\n"
    )
    status, output = book.build("--notebooks")
    assert status == 0, output
