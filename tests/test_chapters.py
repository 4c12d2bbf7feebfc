"""The contract of a chapter, as CONTRIBUTING.md states it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from myst_nb.core.read import read_myst_markdown_notebook

BOOK = Path(__file__).parents[1] / "book"
TOC = yaml.safe_load((BOOK.parent / "_toc.yml").read_text())
COURSE = [
    TOC["root"],
    *(entry["file"] for part in TOC["parts"][:-1] for entry in part["chapters"]),
]
WITHOUT_CODE = {"summary"}
TO_PLAY = {"playground"}  # it teaches by experiments, without questions and without a summary
WITH_CODE = [BOOK.parent / f"{name}.md" for name in COURSE if Path(name).name not in WITHOUT_CODE]
CHAPTERS = [path for path in WITH_CODE if path.stem not in TO_PLAY]
PLAYGROUNDS = [path for path in WITH_CODE if path.stem in TO_PLAY]
FIGURE = re.compile(r"^plots\.(?!use_style)", re.MULTILINE)
LONGEST_LINE = 76
CLOCK = re.compile(r"\b(?:perf_counter|process_time|timeit|measure_update_time)\b")


def code_cells(path):
    return [
        cell
        for cell in read_myst_markdown_notebook(path.read_text()).cells
        if cell.cell_type == "code"
    ]


def tags(cell):
    return cell.metadata.get("tags", [])


chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
page_with_code = pytest.mark.parametrize("path", WITH_CODE, ids=lambda path: path.stem)
playground = pytest.mark.parametrize("path", PLAYGROUNDS, ids=lambda path: path.stem)


def test_every_page_is_in_the_table_of_contents():
    listed = [entry["file"] for part in TOC["parts"] for entry in part["chapters"]]
    assert {TOC["root"], *listed} == {f"book/{path.stem}" for path in BOOK.glob("*.md")}


@page_with_code
def test_page_opens_with_goals_and_time(path):
    text = path.read_text()
    opening = text[: text.index("{code-cell}")]
    assert re.search("What you will be able to do after this (chapter|page)", opening)
    assert re.search(r"It takes about \*\*\d+ minutes\*\*", opening)


@page_with_code
def test_a_page_that_reads_a_clock_marks_what_it_measured(path):
    """What is marked too little, `make reproducible` finds."""
    cells = code_cells(path)
    reads = any(CLOCK.search(cell.source) for cell in cells)
    assert reads == any("measured-time" in tags(cell) for cell in cells)


@chapter
def test_chapter_closes_with_summary_reading_and_feedback(path):
    closing = path.read_text().split("\n## Summary\n")[1]
    assert closing.index("**What to read next.**") < closing.index("```{feedback}")


@chapter
def test_chapter_has_three_questions_and_a_folded_answer(path):
    text = path.read_text()
    assert text.count(":::{question}") >= 3
    assert ":::{dropdown} Our answer" in text


@playground
def test_playground_says_what_to_see_and_try_and_closes_with_reading_and_feedback(path):
    text = path.read_text()
    assert "**What to see.**" in text
    experiments = text.split("\n## Four experiments\n")[1].split("\n## ")[0].split("\n### ")[1:]
    assert len(experiments) == 4
    assert all("**Why" in experiment for experiment in experiments)
    assert text.index("**What to read next.**") < text.index("```{feedback}")


@chapter
def test_every_figure_has_alternative_text(path):
    figures = [cell for cell in code_cells(path) if FIGURE.search(cell.source)]
    assert figures
    for cell in figures:
        assert len(cell.metadata["mystnb"]["image"]["alt"].split()) >= 10, cell.source


@page_with_code
def test_a_figure_is_drawn_by_a_call(path):
    drawing = re.compile(r"matplotlib|pyplot|\bplt\b|\.plot\(|imshow|subplots")
    for cell in code_cells(path):
        assert not drawing.search(cell.source), cell.source


@page_with_code
def test_claims_are_asserted_in_folded_cells(path):
    claims = [cell for cell in code_cells(path) if cell.source.lstrip().startswith("assert")]
    claims += [cell for cell in code_cells(path) if "\n    assert" in cell.source]
    assert claims
    assert all("hide-cell" in tags(cell) for cell in claims)


@page_with_code
def test_code_to_read_is_short_and_fits_the_page(path):
    for cell in code_cells(path):
        lines = cell.source.splitlines()
        assert max(map(len, lines)) <= LONGEST_LINE, cell.source
        if not {"hide-input", "hide-cell", "remove-cell"} & set(tags(cell)):
            written = [line for line in lines if line.strip()]
            assert len(written) <= 16, cell.source


@page_with_code
def test_code_is_formatted(path):
    for cell in code_cells(path):
        command = [sys.executable, "-m", "ruff", "format", f"--line-length={LONGEST_LINE}", "-"]
        formatted = subprocess.run(
            command, input=cell.source, capture_output=True, text=True, check=True
        ).stdout
        assert cell.source.strip() == formatted.strip()


@page_with_code
def test_every_glued_number_is_shown(path):
    text = path.read_text()
    shown = set(re.findall(r"\{glue:text\}`(\w+)", text))
    for name in re.findall(r'glue\("(\w+)"', text):
        assert name in shown, f"{name} is computed for the prose, but no sentence shows it"
