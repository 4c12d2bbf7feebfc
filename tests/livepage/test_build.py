"""A build is strict, names the place of a fault, and never harms the last good site."""

import os
import re
import signal
from pathlib import Path

import pytest
from tests.livepage.conftest import cell

EXECUTED = re.compile(r"([\w/-]+)\.md: Executing notebook")


def executed(output):
    """Return the pages whose code was executed."""
    return {Path(path).name for path in EXECUTED.findall(output)}


def last_lines(output):
    return output[output.index("The book was not built") :]


BOOM = cell('raise RuntimeError("boom")')

# What a cell does, and what the last lines must tell of it.
BROKEN_CELLS = {
    'raise RuntimeError("boom")': "RuntimeError: boom",
    "assert 1 > 2, 'one is less'": "AssertionError: one is less",
    "def broken(:": "SyntaxError",
    "import time; time.sleep(99)": "CellTimeoutError",
    "import os; os._exit(3)": "DeadKernelError",
}

# What stands in the prose, and what the last lines must tell of it.
BROKEN_PROSE = {
    "{ref}`nowhere`": "nowhere",
    "[text](missing.md)": "missing.md",
    "{eq}`no-equation`": "no-equation",
    "{cite}`unreal`": "unreal",
    "{glue:text}`lost`": "lost",
    "{py:func}`toy.gone`": "toy.gone",
    ":::{nonsense}\n:::": "nonsense",
    "```{image} none.png\n```": "none.png",
}


@pytest.mark.parametrize(("code", "told"), BROKEN_CELLS.items(), ids=BROKEN_CELLS.values())
def test_a_broken_cell_fails_the_build_and_is_named(small_book, code, told):
    small_book.append("second", cell(code))
    status, output = small_book.build()
    assert status != 0
    ending = last_lines(output)
    assert "book/second.md:" in ending
    assert f"code cell 2: {told}" in ending
    assert len(ending.splitlines()) < 5, ending
    assert not small_book.site.exists()


def test_a_chart_that_cannot_be_drawn_fails_the_build_and_is_named(small_book):
    lines = (
        "from livepage.explorer import Slider, explorer",
        'chart = {"data": {"name": "d"}, "mark": "none", "encoding": {"x": {"field": "x"}}}',
        'controls = {"k": Slider("k", (1, 2), 1)}',
        'points = {"d": {"x": [[1], [2]]}}',
        'explorer(lambda k: points, controls, chart, caption="Try it", alt="A dot")',
    )
    small_book.append("second", cell("\n".join(lines)))
    status, output = small_book.build()
    assert status != 0
    assert "book/second: the chart of the figure 'Try it' cannot be drawn" in last_lines(output)
    assert not small_book.site.exists()


def test_each_fault_in_the_prose_is_named(small_book):
    for text in BROKEN_PROSE:
        small_book.append("first", f"{text}\n")
    small_book.write("book/orphan.md", "# In no table of contents")
    status, output = small_book.build()
    assert status != 0
    ending = last_lines(output)
    for told in [*BROKEN_PROSE.values(), "orphan.md"]:
        assert told in ending, ending
    assert not small_book.site.exists()


def test_one_warning_is_enough(small_book):
    small_book.append("first", "[text](missing.md)")
    for _ in range(2):  # the second build, too, although Sphinx has read the page by then
        status, output = small_book.build()
        assert status != 0
        assert "book/first.md" in last_lines(output)
        assert "missing.md" in last_lines(output)


def test_a_failed_build_leaves_the_site_and_a_mended_one_replaces_it(small_book):
    assert small_book.build()[0] == 0
    before = small_book.snapshot()

    small_book.replace("book/second.md", "# Second", "# Another title")
    small_book.append("second", BOOM)
    status, output = small_book.build()
    assert status != 0
    assert "second.md" in last_lines(output)
    assert "is as it was" in last_lines(output)
    assert small_book.snapshot() == before

    small_book.replace("book/second.md", 'raise RuntimeError("boom")', "'mended'")
    assert small_book.build()[0] == 0
    assert "Another title" in small_book.page("second")
    assert "mended" in small_book.page("second")


def test_the_line_of_the_failing_cell_is_told(small_book):
    small_book.append("second", BOOM)
    text = (small_book.folder / "book/second.md").read_text()
    line = text[: text.index("raise RuntimeError")].count("\n") + 1
    _, output = small_book.build()
    assert f"book/second.md:{line}: code cell 2: RuntimeError: boom" in last_lines(output)


def test_only_what_changed_is_executed(small_book):
    book = small_book
    assert executed(book.build()[1]) == {"first", "second"}
    assert "red-1" in book.page("first")
    assert executed(book.build()[1]) == set(), "nothing changed"

    book.replace("book/first.md", "A sentence.", "Another sentence.")
    assert executed(book.build()[1]) == set(), "only prose changed"
    assert "Another sentence." in book.page("first")

    book.replace("book/second.md", "blue.shade()", "blue.shade() + '!'")
    assert executed(book.build()[1]) == {"second"}, "the code of one page changed"
    assert "blue-1!" in book.page("second")

    book.replace("src/toy/paint.py", "-1", "-2")
    assert executed(book.build()[1]) == {"first"}, "a module that one page reaches changed"
    assert "red-2" in book.page("first")

    book.write("src/toy/look.mplstyle", "lines.linewidth: 2")
    assert executed(book.build()[1]) == {"first", "second"}, "a data file of the package changed"

    book.write("src/toy/unused.py", "ANSWER = 42\n")
    assert executed(book.build()[1]) == set(), "a module that no page imports changed"

    book.variables["DESCENT_SEED"] = "7"
    assert executed(book.build()[1]) == {"first", "second"}, "a variable of the book changed"


def test_what_was_executed_before_a_failure_is_not_executed_again(small_book):
    small_book.append("first", cell("'so long that it is executed first'\n" * 20))
    small_book.append("second", BOOM)
    assert executed(small_book.build()[1]) == {"first", "second"}
    small_book.replace("book/second.md", 'raise RuntimeError("boom")', "'mended'")
    assert executed(small_book.build()[1]) == {"second"}


def test_a_site_that_was_being_replaced_comes_back(small_book):
    assert small_book.build()[0] == 0
    before = small_book.snapshot()
    small_book.site.rename(small_book.site.with_name("html.old"))  # as an interrupt leaves it
    small_book.append("second", BOOM)
    assert small_book.build()[0] != 0
    assert small_book.snapshot() == before


def test_pages_that_are_gone_leave_the_site(small_book):
    assert small_book.build()[0] == 0
    (small_book.folder / "book/second.md").unlink()
    small_book.replace("_toc.yml", "- file: book/second\n", "")
    assert small_book.build()[0] == 0
    assert not (small_book.site / "book/second.html").exists()


def test_two_builds_at_once_both_succeed(small_book):
    both = [small_book.start() for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert "red-1" in small_book.page("first")


def test_a_folder_without_a_book_is_told(small_book):
    (small_book.folder / "_config.yml").unlink()
    status, output = small_book.build()
    assert status == 2
    assert output.strip() == f"There is no book in {small_book.folder}: it has no _config.yml."


MEET = """
import time
from pathlib import Path
Path("{here}").touch()
for _ in range(80):
    if Path("{there}").exists(): break
    time.sleep(0.1)
else:
    raise TimeoutError("the other chapter was not executed meanwhile")
"""


def test_chapters_are_executed_side_by_side(small_book):
    small_book.replace("_config.yml", "livepage_workers: 1", "livepage_workers: 2")
    small_book.append("first", cell(MEET.format(here="first.ran", there="second.ran")))
    small_book.append("second", cell(MEET.format(here="second.ran", there="first.ran")))
    status, output = small_book.build()
    assert status == 0, output
    assert executed(output) == {"first", "second"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_chapter_has_one_thread_however_many_are_executed(small_book, workers):
    small_book.replace("_config.yml", "livepage_workers: 1", f"livepage_workers: {workers}")
    small_book.append("first", cell("import os\nprint('threads:', os.environ['OMP_NUM_THREADS'])"))
    status, output = small_book.build()
    assert status == 0, output
    assert "threads: 1" in small_book.page("first")


def test_site_and_notebooks_are_read_and_executed_once(small_book):
    status, output = small_book.build("--all")
    assert status == 0, output
    assert sorted(EXECUTED.findall(output)) == sorted(set(EXECUTED.findall(output)))
    assert executed(output) == {"first", "second"}
    assert output.count("Using cached notebook") == 0
    assert output.count("reading sources... [100%]") == 1


def test_a_fault_leaves_both_site_and_notebooks(small_book):
    assert small_book.build("--all")[0] == 0
    before = small_book.snapshot("html"), small_book.snapshot("notebooks")
    small_book.replace("book/first.md", "A sentence.", "Another sentence.")
    small_book.append("second", "$\\nonsense$\n")  # only the site sets formulas
    status, output = small_book.build("--all")
    assert status != 0
    assert "book/second.md" in last_lines(output)
    assert (small_book.snapshot("html"), small_book.snapshot("notebooks")) == before


def test_the_chapter_that_took_longest_is_executed_first(small_book):
    """By default the one with more code would be."""
    small_book.append("first", cell("import time\ntime.sleep(5)"))
    small_book.append("second", cell("#" * 200))
    note = "\nopen('order', 'a').write('{}\\n')"
    for name in ("first", "second"):
        small_book.append(name, cell(note.format(name)))
    assert small_book.build()[0] == 0
    small_book.variables["DESCENT_SEED"] = "7"
    assert small_book.build()[0] == 0
    order = (small_book.folder / "book" / "order").read_text().split()
    assert order == ["second", "first", "first", "second"]


LINGERING = """
import subprocess

def setup(app):
    process = subprocess.Popen(["sleep", "600"])
    open("{}", "w").write(str(process.pid))
"""


def test_what_jupyter_book_leaves_running_does_not_keep_the_build(small_book):
    """As the server that sets formulas is left if it is killed."""
    note = small_book.folder / "lingering"
    small_book.write("src/toy/lingering.py", LINGERING.format(note))
    small_book.replace("_config.yml", "    - livepage\n", "    - livepage\n    - toy.lingering\n")
    status, output = small_book.build()
    os.kill(int(note.read_text()), signal.SIGKILL)
    assert status == 0, output
    assert "The book is built" in output.splitlines()[-1]
