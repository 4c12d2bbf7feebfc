"""Build a Jupyter Book strictly: ``python -m livepage.build [FOLDER] [--notebooks]``.

The book is built beside the site. Only when everything succeeded does the new site take the place
of the old one; a failed build ends with the list of what is wrong. Notebooks are written from the
same pages, by the same rules.
"""

import argparse
import fcntl
import re
import shutil
import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROBLEM = re.compile(r"^(?:(?P<place>.+?): )?(?P<level>WARNING|ERROR|CRITICAL): (?P<text>.*)$")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
JUPYTER_BOOKS_OWN = "RuntimeError:"  # it stops after whatever fault, and says no more
FAULT = re.compile(r"^(Sphinx error:|Extension error|Exception occurred:|\w*Error: )")


@dataclass(frozen=True)
class Product:
    """What is built from a book: its folder, how Jupyter Book is asked for it, what is said."""

    name: str
    options: tuple
    opening: str
    success: str
    failure: str
    kept: str


SITE = Product(
    name="html",
    options=(),
    opening="index.html",
    success="The book is built",
    failure="The book was not built",
    kept="The last good site, {}, is as it was.",
)
NOTEBOOKS = Product(
    name="notebooks",
    options=("--builder", "custom", "--custom-builder", "notebooks"),
    opening="",
    success="The notebooks are written",
    failure="The notebooks were not written",
    kept="The last good notebooks, {}, are as they were.",
)


def main(arguments=None):
    """Build the book in the folder named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m livepage.build", description=main.__doc__)
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the book's folder")
    parser.add_argument("--notebooks", action="store_true", help="write notebooks, not the site")
    given = parser.parse_args(arguments)
    folder, product = given.folder.resolve(), NOTEBOOKS if given.notebooks else SITE
    if not (folder / "_config.yml").is_file():
        print(f"There is no book in {folder}: it has no _config.yml.", file=sys.stderr)
        return 2
    with _lock(folder / "_build"):
        return _build(folder, product)


def _build(folder, product):
    last = folder / "_build" / product.name
    workshop = folder / "_build" / "workshop"
    new = workshop / "_build" / product.name
    log = folder / "_build" / "build.log"
    _restore(last)
    # Written afresh each time, so that nothing stays of pages and figures that are gone.
    shutil.rmtree(new, ignore_errors=True)
    if _run_jupyter_book(folder, workshop, log, product) == 0:
        _publish(new, last)
        print(f"{product.success}: {last / product.opening}")
        return 0
    # Sphinx would not read again a page that only had a warning, and so would not warn again.
    shutil.rmtree(workshop / "_build" / ".doctrees", ignore_errors=True)
    _explain(folder, last, log, product)
    return 1


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


def _run_jupyter_book(folder, workshop, log, product):
    """Run Jupyter Book with every warning an error, show what it says, and keep it in a file."""
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    strictly = ["-W", "-n", "--keep-going"]
    command = [program, "build", folder, "--path-output", workshop, *strictly, *product.options]
    with (
        log.open("w", encoding="utf-8") as copy,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        for line in process.stdout:
            plain = COLOR.sub("", line)
            print(plain, end="", flush=True)
            copy.write(plain)
    return process.returncode


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


def _explain(folder, last, log, product):
    """Print what is wrong with the book, each problem with its place, as the last lines."""
    problems = _problems(log.read_text(encoding="utf-8"), folder)
    print(f"\n{product.failure} ({log.relative_to(folder)} has the details). What is wrong:")
    for problem in problems or ["Jupyter Book stopped without saying why"]:
        print(f"  {problem}")
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
