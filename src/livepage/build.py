"""Build a Jupyter Book strictly: ``python -m livepage.build [FOLDER] [--notebooks | --all --pdf]``.

The book is built beside the site. Only when everything succeeded does the new site take the place
of the old one; a failed build ends with the list of what is wrong. Notebooks are written from the
same pages, by the same rules; with ``--all`` the site offers those that were written with it.
The site offers itself as a ZIP file, and with ``--pdf`` as a PDF, for which a browser is needed.
"""

import argparse
import fcntl
import json
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from select import select

from livepage import unchanged
from livepage.publishing import downloads
from livepage.publishing.pdf import DESCRIPTION, PrintingError, print_book

PROBLEM = re.compile(r"^(?:(?P<place>.+?): )?(?P<level>WARNING|ERROR|CRITICAL): (?P<text>.*)$")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
JUPYTER_BOOKS_OWN = "RuntimeError:"  # it stops after whatever fault, and says no more
FAULT = re.compile(r"^(Sphinx error:|Extension error|Exception occurred:|\w*Error: )")
# Not as a module, which each kernel that is forked would run again; and modules are not looked for
# in the folder in which the build was started.
# It ends when the build that started it is gone, however that ended: its input ends then. Else it
# would go on in the folder in which the next build works.
# All that it makes it needs to its end: to look through so many objects for what may be thrown away
# takes seconds, and so would it to take each apart when Python ends.
START = """\
import atexit, gc, os, sys, threading
gc.disable()
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
sys.path[:] = filter(None, sys.path)
from livepage.jupyter_book import main
main(*sys.argv[1:])
atexit._run_exitfuncs()
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)
"""


@dataclass(frozen=True)
class Product:
    """What is built from a book: its folder, and what is said."""

    name: str
    opening: str
    success: str
    failure: str
    kept: str


SITE = Product(
    name="html",
    opening="index.html",
    success="The book is built",
    failure="The book was not built",
    kept="The last good site, {}, is as it was.",
)
NOTEBOOKS = Product(
    name="notebooks",
    opening="",
    success="The notebooks are written",
    failure="The notebooks were not written",
    kept="The last good notebooks, {}, are as they were.",
)
INTERRUPTED = 128 + signal.SIGINT  # the exit status by which shells know it
PDF = "pdf"
TAKE_AWAY = "downloads"  # the folder of the site with what readers take away


def main(arguments=None):
    """Build the book in the folder named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m livepage.build", description=main.__doc__)
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the book's folder")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--notebooks", action="store_true", help="write notebooks, not the site")
    choice.add_argument("--all", action="store_true", help="write notebooks, then the site")
    parser.add_argument("--pdf", action="store_true", help="print the site as one PDF, too")
    given = parser.parse_args(arguments)
    if given.notebooks and given.pdf:
        parser.error("--pdf prints the site, and --notebooks makes none; use --all")
    folder = given.folder.resolve()
    # The site comes last: it carries copies of the notebooks.
    products = [NOTEBOOKS, SITE] if given.all else [NOTEBOOKS if given.notebooks else SITE]
    if not (folder / "_config.yml").is_file():
        print(f"There is no book in {folder}: it has no _config.yml.", file=sys.stderr)
        return 2
    try:
        with _lock(folder / "_build"):
            return _build(folder, products, given.pdf)
    except KeyboardInterrupt:
        print(f"\n{products[-1].failure}: it was interrupted.")
        _tell_what_is_kept(folder, products[-1])
        return INTERRUPTED


def _build(folder, products, with_pdf):
    built, new = folder / "_build", folder / "_build" / "workshop" / "_build"
    log = built / "build.log"
    for product in (NOTEBOOKS, SITE):
        _restore(built / product.name)
        # Written afresh each time, so that nothing stays of pages and figures that are gone.
        shutil.rmtree(new / product.name, ignore_errors=True)
    given, folders = unchanged.inputs(folder), [NOTEBOOKS.name, SITE.name]
    wanted = [product.name for product in products] + [PDF] * with_pdf
    if unchanged.is_built(built, given, wanted, folders):
        last = products[-1]
        print(f"Nothing has changed since the last build: {built / last.name / last.opening}")
        return 0
    if _run_jupyter_book(folder, new.parent, log, products) != 0:
        # Sphinx would not read again a page that only had a warning, and so would not warn again.
        shutil.rmtree(new / ".doctrees", ignore_errors=True)
        _explain(folder, log, products[-1])
        return 1
    try:
        if SITE in products:
            _add_downloads(new / SITE.name, new / ".doctrees" / DESCRIPTION, with_pdf)
    except PrintingError as error:
        print(f"\n{SITE.failure}: {error}")
        _tell_what_is_kept(folder, SITE)
        return 1
    with _without_interrupts():  # they would come too late to keep what was there
        for product in products:
            _publish(new / product.name, built / product.name)
            print(f"{product.success}: {built / product.name / product.opening}")
        unchanged.record(built, given, wanted, folders)
    return 0


def _add_downloads(site, description, with_pdf):
    """Make what readers take away, and offer it on the pages of a site."""
    book = json.loads(description.read_text(encoding="utf-8"))
    folder = site / TAKE_AWAY
    folder.mkdir()
    offers = []
    if with_pdf:
        print("Printing the book. This takes a minute.", flush=True)
        pdf = folder / downloads.file_name(book["title"], ".pdf")
        pages = print_book(site, book, pdf)
        offers.append((pdf, "The whole book as a PDF", f"{pages} pages, {{size}}"))
    archive = folder / downloads.file_name(book["title"], ".zip")
    downloads.write_zip(site, archive)
    facts = "ZIP file, {size}: unpack it and open index.html"
    offers.append((archive, "The whole site to read offline", facts))
    downloads.offer(site, offers)


@contextmanager
def _lock(build_folder):
    """Let one build at a time work in a folder; a second one waits."""
    build_folder.mkdir(parents=True, exist_ok=True)
    with (build_folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another build is at work here. This one waits until it is done.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run_jupyter_book(folder, workshop, log, products):
    """Run Jupyter Book in a process of its own, show what it says, and keep it in a file."""
    names = [product.name for product in products]
    command = [sys.executable, "-c", START, folder, workshop, *names]
    with (
        log.open("w", encoding="utf-8") as copy,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
        ) as process,
    ):
        for line in _lines(process):
            plain = COLOR.sub("", line.decode(errors="replace"))
            print(plain, flush=True)
            copy.write(f"{plain}\n")
    return process.returncode


def _lines(process):
    """Yield what a process says until it ends; what it started may hold its end of the pipe."""
    rest = b""
    while True:
        said = bool(select([process.stdout], [], [], 0.2)[0])
        chunk = process.stdout.read(1 << 16) if said else b""
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        if not chunk and (said or process.poll() is not None):
            break
    if rest:
        yield rest


@contextmanager
def _without_interrupts():
    """Pass over interrupts, for what takes but a moment."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _publish(new, site):
    """Put a whole new site in the place of the old one."""
    old = _old(site)
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def _restore(site):
    """Bring the old site back if a build was cut off between the two renames of `_publish`."""
    if _old(site).exists() and not site.exists():
        _old(site).rename(site)


def _old(site):
    return site.with_name(f"{site.name}.old")


def _explain(folder, log, product):
    """Print what is wrong with the book, each problem with its place, as the last lines."""
    problems = _problems(log.read_text(encoding="utf-8"), folder)
    print(f"\n{product.failure} ({log.relative_to(folder)} has the details). What is wrong:")
    for problem in problems or ["Jupyter Book stopped without saying why"]:
        print(f"  {problem}")
    _tell_what_is_kept(folder, product)


def _tell_what_is_kept(folder, product):
    last = folder / "_build" / product.name
    if last.exists():
        print(product.kept.format(last.relative_to(folder)))


def _problems(text, folder):
    """Return the warnings and errors in what Jupyter Book said, with places inside the book."""
    found, faults = [], []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        match = PROBLEM.match(line)
        if match and "[mystnb.exec]" not in line:  # the same fault is told with its cell
            place = (match["place"] or "the book").replace(f"{folder}/", "")
            found.append(f"{place}: {match['text'].removesuffix(' [mystnb.cell]')}")
        elif FAULT.match(line) and line.strip() != JUPYTER_BOOKS_OWN:
            faults.append(f"{line} {following.strip()}" if line.endswith(":") else line)
    return list(dict.fromkeys(found or faults))


if __name__ == "__main__":
    sys.exit(main())
