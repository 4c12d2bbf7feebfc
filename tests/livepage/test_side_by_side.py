"""Chapters are begun in the order that leaves no processor waiting."""

from nbformat import v4

from livepage.side_by_side import Execution, longest_first


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
