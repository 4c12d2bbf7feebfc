"""What `make notebooks` wrote for the chapters of the book."""

import re

import nbformat
import pytest
from tests.notebooks.conftest import ALL, BUILD, CHAPTERS, NOTEBOOKS, ROOT, read
from tests.notebooks.leftovers import leftovers

every = pytest.mark.parametrize(
    ("edition", "name"), ALL, ids=[f"{edition}-{name}" for edition, name in ALL]
)
chapter = pytest.mark.parametrize("name", CHAPTERS)
OWN = {"solution", "answer", "pointer"}  # the tags of what only one edition has
ASIDE = OWN | {"feedback"}  # of what does not come from a cell of the page
SECRET = re.compile(r"^:::\{dropdown\} (?:Solution|A solution|Our answer)\n", re.MULTILINE)
EQUATION = re.compile(r'class="eqno">\(([\d.]+)\)')


def source(name):
    return (ROOT / "book" / f"{name}.md").read_text()


def page(name):
    return (BUILD / "html" / "book" / f"{name}.html").read_text()


def tags(cell):
    return set(cell.metadata.get("tags", []))


def markdown(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_each_chapter_with_code_has_both_notebooks_and_nothing_else_is_written():
    written = {str(path.relative_to(NOTEBOOKS)) for path in NOTEBOOKS.rglob("*") if path.is_file()}
    assert written == {f"{edition}/{name}.ipynb" for edition, name in ALL}
    assert len(CHAPTERS) >= 9


@every
def test_a_notebook_is_valid_and_has_no_outputs(edition, name):
    notebook = read(edition, name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@every
def test_nothing_is_left_of_myst(edition, name):
    found = [one for text in markdown(read(edition, name)) for one in leftovers(text)]
    assert found == []


@every
def test_the_first_cell_sees_to_the_package(edition, name):
    first = read(edition, name).cells[0]
    assert first.cell_type == "code"
    assert first.source.startswith("# @title Set up: ")
    assert "import descent" in first.source


@chapter
def test_all_code_of_the_chapter_is_there_in_its_order(name):
    """But for the titles of folded cells and for feedback: what runs is what ran for the site."""
    cells = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", source(name), re.M | re.S)
    wanted = [
        re.sub(r"\A(?:---\n.*?\n---\n|(?::[^\n]*\n)+)", "", cell, flags=re.S) for cell in cells
    ]
    for edition in ("student", "instructor"):
        code = [cell for cell in read(edition, name).cells[1:] if cell.cell_type == "code"]
        kept = [re.sub(r"\A# @title [^\n]*\n", "", c.source) for c in code if not ASIDE & tags(c)]
        assert [text.strip() for text in kept] == [text.strip() for text in wanted]


@chapter
def test_without_solutions_and_answers_both_editions_are_the_same(name):
    """So a student's notebook with the solutions put in is the instructor's."""

    def common(edition):
        cells = read(edition, name).cells
        return [
            (cell.id, cell.source, cell.metadata)
            for cell in cells
            if not OWN & tags(cell) and "belongs to" not in cell.source
        ]

    assert common("student") == common("instructor")


@chapter
def test_solutions_and_answers_are_in_the_instructors_notebook_alone(name):
    student, instructor = read("student", name), read("instructor", name)
    secrets = [cell for cell in instructor.cells if {"solution", "answer"} & tags(cell)]
    pointers = [cell for cell in student.cells if "pointer" in tags(cell)]
    assert len(pointers) == len(SECRET.findall(source(name)))
    assert len(secrets) >= len(pointers)
    everything = "\n".join(cell.source for cell in student.cells)
    for cell in secrets:
        body = cell.source.removeprefix("### Solution").strip()
        assert not body or body not in everything
    assert not any({"solution", "answer"} & tags(cell) for cell in student.cells)


@every
def test_formulas_have_the_numbers_of_the_site(edition, name):
    text = "\n".join(markdown(read(edition, name)))
    assert re.findall(r"\\tag\{([\d.]+)\}", text) == EQUATION.findall(page(name))


@every
def test_each_choice_of_a_question_opens_its_reason(edition, name):
    questions = re.findall(r"^:::\{question\}(.*?)^:::$", source(name), re.M | re.S)
    choices = sum(len(re.findall(r"^- \[[ xX]\] ", text, re.M)) for text in questions)
    text = "\n\n".join(markdown(read(edition, name)))
    opened = re.findall(
        r"<details>\n<summary>.+</summary>\n\n> \*\*(Right|Not quite)\.\*\* \S", text
    )
    assert len(opened) == choices
    assert opened.count("Right") == len(questions) == text.count("**Question.** ")


@every
def test_every_section_of_the_page_is_there(edition, name):
    headings = re.findall(
        r"^(#+) (.+)$", re.sub(r"^```.*?^```$", "", source(name), flags=re.M | re.S), re.M
    )
    text = "\n\n".join(markdown(read(edition, name)))
    found = re.findall(r"^(#+) (.+?)(?: \[↗\].*)?$", text, re.M)
    found = [(level, title) for level, title in found if title != "Solution"]
    assert [level for level, _ in found] == [level for level, _ in headings]
