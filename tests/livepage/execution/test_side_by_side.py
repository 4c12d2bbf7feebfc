"""Chapters are begun in the order that leaves no processor waiting, and lose no output."""

from nbformat import v4

from livepage.execution import side_by_side
from livepage.execution.side_by_side import Execution, longest_first


def executions(**code):
    """Return an execution for each chapter, of the number of lines that is given."""
    return {
        path: Execution(v4.new_notebook(cells=[v4.new_code_cell("x = 1\n" * lines)]), {})
        for path, lines in code.items()
    }


def order(chapters, seconds, longest=()):
    return list(longest_first(chapters, seconds, longest))


def test_the_chapter_that_took_longest_comes_first():
    chapters = executions(brief=30, long=1, middling=10)
    assert order(chapters, {"brief": 1, "long": 60, "middling": 20}) == [
        "long",
        "middling",
        "brief",
    ]


def test_without_a_memory_the_one_with_most_code_comes_first():
    assert order(executions(a=2, b=40, c=10), {}) == ["b", "c", "a"]


def test_without_a_memory_those_that_the_book_names_come_first():
    chapters = executions(a=2, b=40, c=10)
    assert order(chapters, {}, longest=["a", "cached already", "c"]) == ["a", "c", "b"]


def test_what_is_remembered_says_more_than_what_the_book_names():
    chapters = executions(brief=30, long=10)
    assert order(chapters, {"brief": 1, "long": 60}, longest=["brief"]) == ["long", "brief"]


def test_how_long_a_new_chapter_takes_is_told_from_those_that_are_known():
    chapters = executions(brief=10, new=20, long=40)
    assert order(chapters, {"brief": 1, "long": 4}) == ["long", "new", "brief"]


LATE = """
import sys, time
# As on a busy machine: the cell ends, and what sends its outputs has no turn for some seconds.
get_ipython().kernel.iopub_thread.io_loop.add_callback(time.sleep, 6)
time.sleep(0.5)
sys.stdout.flush_timeout = sys.stderr.flush_timeout = 0.1
"""


def test_a_page_never_appears_without_outputs_that_come_too_late(tmp_path, monkeypatch):
    monkeypatch.setattr(side_by_side, "SECONDS_FOR_OUTPUTS", 1)
    notebook = v4.new_notebook(cells=[v4.new_code_cell(LATE)])
    options = {"cwd": str(tmp_path), "allow_errors": False, "timeout": 60}
    execution = Execution(notebook, options)
    execution.run()
    assert "Timeout waiting for IOPub output" in str(execution.result().err)
