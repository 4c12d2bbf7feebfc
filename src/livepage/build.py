"""Build a Jupyter Book strictly: ``python -m livepage.build [FOLDER]``.

The book is built beside the site. Only when everything succeeded does the new site take the place
of the old one; a failed build ends with the list of what is wrong.
"""

import argparse
import fcntl
import re
import shutil
import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path

PROBLEM = re.compile(r"^(?:(?P<place>.+?): )?(?P<level>WARNING|ERROR|CRITICAL): (?P<text>.*)$")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
FAULT = re.compile(r"^(Sphinx error:|Extension error|Exception occurred:|\w*Error: )")


def main(arguments=None):
    """Build the book in the folder named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m livepage.build", description=main.__doc__)
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the book's folder")
    folder = parser.parse_args(arguments).folder.resolve()
    if not (folder / "_config.yml").is_file():
        print(f"There is no book in {folder}: it has no _config.yml.", file=sys.stderr)
        return 2
    with _lock(folder / "_build"):
        return _build(folder)


def _build(folder):
    site = folder / "_build" / "html"
    workshop = folder / "_build" / "workshop"
    new = workshop / "_build" / "html"
    log = folder / "_build" / "build.log"
    _restore(site)
    # Written afresh each time, so that nothing stays of pages and figures that are gone.
    shutil.rmtree(new, ignore_errors=True)
    if _run_jupyter_book(folder, workshop, log) == 0:
        _publish(new, site)
        print(f"The book is built: {site / 'index.html'}")
        return 0
    # Sphinx would not read again a page that only had a warning, and so would not warn again.
    shutil.rmtree(workshop / "_build" / ".doctrees", ignore_errors=True)
    _explain(folder, site, log)
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


def _run_jupyter_book(folder, workshop, log):
    """Run Jupyter Book with every warning an error, show what it says, and keep it in a file."""
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    command = [program, "build", folder, "--path-output", workshop, "-W", "-n", "--keep-going"]
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


def _explain(folder, site, log):
    """Print what is wrong with the book, each problem with its place, as the last lines."""
    problems = _problems(log.read_text(encoding="utf-8"), folder)
    print(f"\nThe book was not built ({log.relative_to(folder)} has the details). What is wrong:")
    for problem in problems or ["Jupyter Book stopped without saying why"]:
        print(f"  {problem}")
    if site.exists():
        print(f"The last good site, {site.relative_to(folder)}, is as it was.")


def _problems(text, folder):
    """Return the warnings and errors in what Jupyter Book said, with places inside the book."""
    found, faults = [], []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        match = PROBLEM.match(line)
        if match and "[mystnb.exec]" not in line:  # the same fault is told with its cell
            place = (match["place"] or "the book").replace(f"{folder}/", "")
            found.append(f"{place}: {match['text'].removesuffix(' [mystnb.cell]')}")
        elif FAULT.match(line):
            faults.append(f"{line} {following.strip()}" if line.endswith(":") else line)
    return list(dict.fromkeys(found or faults))


if __name__ == "__main__":
    sys.exit(main())
