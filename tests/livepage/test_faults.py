"""What happens to the machine under a build: the last good site stays, and the next build works."""

import random
import resource
import signal
import time

import pytest
from tests.livepage.conftest import SmallBook, cell

from livepage import build

WAYS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]


@pytest.fixture
def good_book(small_book):
    """A small book that is built, and then changed."""
    status, output = small_book.build()
    assert status == 0, output
    small_book.replace("book/first.md", "A sentence.", "Another sentence.")
    small_book.append("first", cell("print(6 * 7)"))
    return small_book


def built_afresh(book, folder):
    """Return the site of a book of the same pages, to which nothing ever happened."""
    fresh = SmallBook(folder)
    for name in ("book/first.md", "book/second.md"):
        fresh.write(name, (book.folder / name).read_text())
    status, output = fresh.build()
    assert status == 0, output
    return fresh.snapshot()


@pytest.mark.parametrize("kilobytes", [1, 20, 200])
def test_a_disk_that_fills_up_leaves_the_last_site(good_book, tmp_path_factory, kilobytes):
    """A limit on files makes each write fail that goes beyond it, as on a disk that is full."""
    before = good_book.snapshot()
    limit = kilobytes * 1024
    good_book.before_build = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    status, output = good_book.build()
    assert status != 0
    assert "File too large" in output
    assert good_book.snapshot() == before
    good_book.before_build = None
    assert good_book.build()[0] == 0
    assert good_book.snapshot() == built_afresh(good_book, tmp_path_factory.mktemp("fresh"))


def test_a_home_that_cannot_be_written_is_not_needed(small_book):
    nowhere = "/dev/null/home"  # where not even the administrator can write
    places = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    small_book.variables = {"HOME": nowhere} | {name: f"{nowhere}/{name}" for name in places}
    status, output = small_book.build("--all")
    assert status == 0, output


@pytest.mark.parametrize("how", WAYS, ids=lambda how: how.name)
def test_builds_that_are_cut_off_at_any_moment_harm_nothing(good_book, tmp_path_factory, how):
    moments = random.Random(how)
    sites = [good_book.snapshot()]
    for _ in range(4):
        process = good_book.start()
        time.sleep(moments.uniform(0, 6))
        process.send_signal(how)
        process.communicate(timeout=60)
        sites.append(good_book.snapshot())
    status, output = good_book.build()
    assert status == 0, output
    whole = built_afresh(good_book, tmp_path_factory.mktemp("fresh"))
    assert good_book.snapshot() == whole
    # Between the two moves of a replacement there is no site; the next build brings it back.
    assert all(site in (sites[0], whole, {}) for site in sites)


def test_an_interrupt_is_told_in_two_sentences(good_book):
    before = good_book.snapshot()
    # What is started in the background ignores interrupts, and so does what that starts.
    good_book.before_build = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = good_book.start()
    assert any("reading sources" in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    kept = "The last good site, _build/html, is as it was."
    assert output.endswith(f"The book was not built: it was interrupted.\n{kept}\n")
    assert "Traceback" not in output
    assert process.returncode == 128 + signal.SIGINT
    assert good_book.snapshot() == before


def test_an_interrupt_that_comes_too_late_is_passed_over(tmp_path, monkeypatch, capsys):
    publish, handler = build._publish, signal.getsignal(signal.SIGINT)
    site = tmp_path / "_build" / "html"

    def write_site(folder, workshop, *others):
        (workshop / "_build" / "html").mkdir(parents=True)
        return 0

    def publish_and_interrupt(new, place):
        publish(new, place)
        signal.raise_signal(signal.SIGINT)

    (tmp_path / "_config.yml").touch()
    monkeypatch.setattr(build, "_run_jupyter_book", write_site)
    monkeypatch.setattr(build, "_add_downloads", lambda *places: None)
    monkeypatch.setattr(build, "_publish", publish_and_interrupt)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = build.main([str(tmp_path)])
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, handler)
    assert status == 0
    assert site.exists()
    assert capsys.readouterr().out.endswith(f"The book is built: {site / 'index.html'}\n")
