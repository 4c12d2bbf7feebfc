"""Kernels that are forked from one process: what they share, and how they end."""

import json
import time
from pathlib import Path

import psutil
import pytest
from tests.livepage.conftest import cell, figure_cell

from livepage.execution import kernels
from livepage.execution.kernels import shared_imports

CHAPTERS = ("first", "second")
LOGGING = """\
import os
with open(os.environ["TOY_LOG"], "a") as log:
    print(os.getpid(), file=log)
"""
WHO = "import os\nfrom pathlib import Path\nPath('{name}.pid').write_text(str(os.getpid()))"


@pytest.fixture
def sharing_book(small_book):
    """A book whose two chapters import one module, which notes where it is imported."""
    small_book.variables["TOY_LOG"] = str(small_book.folder / "imports.log")
    small_book.write("src/toy/heavy.py", LOGGING)
    for name in CHAPTERS:
        small_book.append(name, cell("from toy import heavy"))
        small_book.append(name, cell(WHO.format(name=name)))
    return small_book


def processes_in(folder):
    """Return the commands of the processes that work in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(folder)) and process.status() != "zombie":
                found.append(process.cmdline())
        except (psutil.Error, OSError):
            continue
    return found


def none_left(folder):
    for _ in range(100):
        if not processes_in(folder):
            return True
        time.sleep(0.1)
    return False


def test_what_two_chapters_import_is_shared_and_nothing_else():
    imports = [{"torch", "toy.red"}, {"torch", "toy.blue"}, {"torch", "toy.blue", "numpy"}]
    assert shared_imports(imports) == ["torch", "toy.blue"]


def test_what_chapters_share_is_imported_once_and_each_has_its_own_process(sharing_book):
    status, output = sharing_book.build()
    assert status == 0, output
    imported = (sharing_book.folder / "imports.log").read_text().split()
    own = [(sharing_book.folder / "book" / f"{name}.pid").read_text() for name in CHAPTERS]
    assert len(imported) == 1
    assert len({*imported, *own}) == 3


def test_imports_begin_before_pages_are_read(sharing_book, monkeypatch):
    sharing_book.append("second", "from here on, a sentence\nimport this sentence, too\n")
    begun = []
    monkeypatch.setattr(kernels, "prepare", begun.append)
    monkeypatch.setattr(kernels.forkserver, "ensure_running", lambda: begun.append("begun"))
    kernels.import_early(sharing_book.folder)
    assert begun == [
        ["os", "pathlib", "pathlib.Path", "toy", "toy.heavy", "colorsys"],
        "begun",
    ]


def test_a_kernel_does_not_say_how_to_connect_to_it(sharing_book):
    status, output = sharing_book.build()
    assert status == 0, output
    assert "Ctrl-C" not in output
    assert "--existing" not in output


def test_nothing_is_imported_when_no_chapter_is_executed(sharing_book):
    for sentence in ("One.", "Another."):
        sharing_book.append("first", sentence)
        status, output = sharing_book.build()
        assert status == 0, output
    assert len((sharing_book.folder / "imports.log").read_text().split()) == 1


def test_what_one_chapter_changes_the_other_does_not_see(sharing_book):
    for name in CHAPTERS:
        sharing_book.append(
            name, cell("print(getattr(heavy, 'paint', 'clean'))\nheavy.paint = 'red'")
        )
    status, output = sharing_book.build()
    assert status == 0, output
    assert all("clean" in sharing_book.page(name) for name in CHAPTERS)


def test_a_shared_import_that_fails_is_told_with_its_cell(sharing_book):
    sharing_book.write("src/toy/heavy.py", "raise RuntimeError('no paint')")
    status, output = sharing_book.build()
    assert status != 0
    last = output.splitlines()[-1]
    assert "book/first.md" in last or "book/second.md" in last
    assert "code cell 2: RuntimeError: no paint" in last


@pytest.mark.parametrize("number", [9, 15])
def test_a_kernel_that_dies_is_told_with_its_cell(sharing_book, number):
    sharing_book.append("first", cell(f"os.kill(os.getpid(), {number})"))
    status, output = sharing_book.build()
    assert status != 0
    assert "code cell 4: DeadKernelError" in output
    assert none_left(sharing_book.folder)


def test_an_endless_cell_is_ended_and_told(sharing_book):
    sharing_book.append("first", cell("while True:\n    pass"))
    status, output = sharing_book.build()
    assert status != 0
    assert "code cell 4:" in output
    assert none_left(sharing_book.folder)


@pytest.mark.parametrize("end", ["interrupt", "kill"])
def test_no_kernel_outlives_its_build(sharing_book, end):
    sharing_book.append("first", cell("import time\ntime.sleep(60)"))
    process = sharing_book.start()
    while not (sharing_book.folder / "book" / "first.pid").exists():
        time.sleep(0.05)
    for each in [*psutil.Process(process.pid).children(), psutil.Process(process.pid)]:
        each.send_signal(2 if end == "interrupt" else 9)
    process.communicate(timeout=30)
    assert none_left(sharing_book.folder)


def test_a_kernel_finds_what_one_that_was_not_forked_finds(sharing_book):
    sharing_book.append("first", cell("import sys\nprint([path for path in sys.path if path])"))
    sharing_book.append("first", cell("print('' in sys.path, 'LIVEPAGE_IMPORTS' in os.environ)"))
    status, output = sharing_book.build()
    assert status == 0, output
    page = sharing_book.page("first")
    assert "True False" in page
    assert f"{Path.cwd()}&#39;" not in page


def test_figures_are_shown_though_matplotlib_was_imported_before(sharing_book):
    for name in CHAPTERS:
        sharing_book.append(
            name, figure_cell("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])")
        )
    status, output = sharing_book.build()
    assert status == 0, output
    assert all("<img alt=" in sharing_book.page(name) for name in CHAPTERS)


def test_a_kernel_may_start_processes_of_its_own(sharing_book):
    start = "import multiprocessing\nprint(multiprocessing.Pool(2).map(abs, [-3, -4]))"
    sharing_book.append("first", cell(start))
    status, output = sharing_book.build()
    assert status == 0, output
    assert "[3, 4]" in sharing_book.page("first")


HOW = """\
import json
from pathlib import Path
from ipykernel.connect import get_connection_info
Path("{name}.json").write_text(get_connection_info())
"""


def test_a_kernel_is_spoken_to_where_no_other_program_can_come_between(small_book):
    for name in CHAPTERS:
        small_book.append(name, cell(HOW.format(name=name)))
    status, output = small_book.build()
    assert status == 0, output
    told = [json.loads((small_book.folder / f"book/{name}.json").read_text()) for name in CHAPTERS]
    assert [each["transport"] for each in told] == ["ipc", "ipc"]
    assert told[0]["ip"] != told[1]["ip"]
    assert not Path(told[0]["ip"]).parent.exists()
