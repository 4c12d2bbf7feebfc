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
    _restore(site)
    log = folder / "_build" / "build.log"
    status = _run_jupyter_book(folder, workshop, log)
    if status == 0:
        _publish(workshop / "_build" / "html", site)
        print(f"The book is built: {site / 'index.html'}")
        return 0
    _forget_pages(workshop / "_build")
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


def _forget_pages(build_folder):
    """Remove what Sphinx remembers, but not the outputs of cells that were executed.

    Sphinx would not read again a page that only had a warning, and so would not warn again.
    """
    for name in ("html", ".doctrees"):
        shutil.rmtree(build_folder / name, ignore_errors=True)


def _publish(new, site):
    """Put a whole new site in the place of the old one."""
    incoming, outgoing = _beside(site)
    shutil.rmtree(incoming, ignore_errors=True)
    shutil.rmtree(outgoing, ignore_errors=True)
    shutil.copytree(new, incoming)
    if site.exists():
        site.rename(outgoing)
    incoming.rename(site)
    shutil.rmtree(outgoing, ignore_errors=True)


def _restore(site):
    """Bring the old site back if a build was cut off between the two renames of `_publish`."""
    _, outgoing = _beside(site)
    if outgoing.exists() and not site.exists():
        outgoing.rename(site)


def _beside(site):
    return site.with_name(site.name + ".incoming"), site.with_name(site.name + ".outgoing")


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
    for line in text.splitlines():
        match = PROBLEM.match(line)
        if match and "[mystnb.exec]" not in line:  # the same fault is told with its cell
            place = (match["place"] or "the book").replace(f"{folder}/", "")
            found.append(f"{place}: {match['text']}")
        elif FAULT.match(line):
            faults.append(line)
    return list(dict.fromkeys(found or faults))


if __name__ == "__main__":
    sys.exit(main())
