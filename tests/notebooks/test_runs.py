"""Every notebook runs from top to bottom where only the wheel and Jupyter are installed."""

import json
import re
from html import unescape

import pytest
from myst_nb.core.variables import format_plain_text
from tests.notebooks.conftest import ALL, BUILD, CHAPTERS, ROOT

every = pytest.mark.parametrize(
    ("edition", "name"), ALL, ids=[f"{edition}-{name}" for edition, name in ALL]
)
every_instructor = pytest.mark.parametrize(
    ("edition", "name"), [("instructor", name) for name in CHAPTERS], ids=CHAPTERS
)
NUMBER_ON_PAGE = re.compile(r'<span class="pasted-text">(.*?)</span>')
NUMBER_IN_TEXT = re.compile(r"\{glue:text\}`([^`]+)`")
EXERCISES = 5
# Numbers that differ from one run to the next, or between a build and a kernel.
OTHERWISE = {
    # Measured times.
    "minibatches": {"ms_small", "ms_large", "per_point_small", "per_point_large"},
}


def said(cell):
    """Return what a cell wrote, with single spaces."""
    texts = [output.text for output in cell.outputs if output.output_type == "stream"]
    return " ".join("".join(texts).split())


def checks(notebook):
    """Return what each check of an exercise said."""
    return [
        said(cell) for cell in notebook.cells if re.search(r"\bexercise_\d+\.check\(", cell.source)
    ]


@every
def test_a_notebook_runs_and_its_checks_say_what_is_used(runs, edition, name):
    ran = runs(edition, name)
    assert not isinstance(ran, str), ran
    for verdict in checks(ran):
        if edition == "student":
            assert re.fullmatch(
                r"Exercise \d+: not implemented yet\. .* uses the course's \w+\.", verdict
            )
        else:
            assert re.fullmatch(r"Exercise \d+: correct\. .* uses your \w+\.", verdict)


def test_every_exercise_of_the_course_is_checked():
    sources = [(ROOT / "book" / f"{name}.md").read_text() for name in CHAPTERS]
    assert sum(len(re.findall(r"\bexercise_\d+\.check\(", text)) for text in sources) == EXERCISES


@every_instructor
def test_the_numbers_of_an_instructor_are_those_of_the_site(runs, edition, name):
    ran = runs(edition, name)
    assert not isinstance(ran, str), ran
    computed = json.loads(said(ran.cells[-1]))
    page = (BUILD / "html" / "book" / f"{name}.html").read_text()
    shown = [unescape(text) for text in NUMBER_ON_PAGE.findall(page)]
    wanted = NUMBER_IN_TEXT.findall((ROOT / "book" / f"{name}.md").read_text())
    assert len(shown) == len(wanted)
    pairs = [
        (key, text, as_shown(computed, key))
        for key, text in zip(wanted, shown, strict=True)
        if key.partition(":")[0] not in OTHERWISE.get(name, ())
    ]
    assert [pair for pair in pairs if pair[1] != pair[2]] == []


def as_shown(computed, key):
    """Return a number as the role ``glue:text`` shows it."""
    name, _, form = key.partition(":")
    return format_plain_text(computed[name], form)
