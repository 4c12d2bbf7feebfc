"""Write the lock files: every package that is installed, to the version and with its hashes.

``make lock`` runs this after a pin in ``requirements.txt`` or ``tests/requirements.txt`` changed.
What the lock files had is kept where the pins allow it; ``--upgrade`` takes the newest.

- ``book.txt`` is what the book is built with;
- ``cpu.txt`` is PyTorch's own CPU build, which is taken instead where pip is set up to find it;
- ``cuda.txt`` is what PyTorch's builds for GPUs need beside it, which its CPU builds do without;
- ``tests.txt`` is what ``make site`` and ``make test`` need beside both.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent
OLDEST_PYTHON = "3.11"
PINS = ("requirements.txt", "tests/requirements.txt")
COMPILE = [
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"),
    *("--universal", f"--python-version={OLDEST_PYTHON}", "--generate-hashes"),
    "--no-emit-package=descent-course",
]
RESOLVED = ("book", "cuda", "tests")
FOR_GPUS = re.compile(r"(nvidia|cuda|triton)\b")
# PyPI has no CPU builds, so their hashes cannot be asked for there.
CPU_BUILDS = {
    "torch==2.13.0": ["6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"],
}
HEAD = "# Written by `make lock`: what {}, with the hashes that pip checks.\n"


def main(arguments=None):
    """Write the four files; return the exit status."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest of all")
    upgrade = parser.parse_args(arguments).upgrade
    known = "" if upgrade else "".join((FOLDER / f"{name}.txt").read_text() for name in RESOLVED)
    everything = _resolve(PINS, known)
    book = _resolve(PINS[:1], "".join(everything.values()))
    gpus = {name for name in book if FOR_GPUS.match(name)}
    _write("book", "the book is built with", book, book.keys() - gpus)
    builds = _cpu_builds(book)
    _write("cpu", "is installed first where it can be had", builds, builds.keys())
    _write("cuda", "PyTorch needs beside it on GPUs", book, gpus)
    _write("tests", "tests need beside it", everything, everything.keys() - book.keys())
    return 0


def _resolve(pins, known):
    """Return the lines of each package that the pins lead to, of a known version if it may be."""
    with TemporaryDirectory() as folder:
        lock = Path(folder, "lock.txt")
        lock.write_text(known)
        subprocess.run(
            [*COMPILE, *pins, f"--output-file={lock}"],
            cwd=ROOT,
            check=True,
        )
        parts = re.split(r"^(?=\w)", lock.read_text(), flags=re.MULTILINE)[1:]
    return {part.split()[0]: part for part in parts}


def _cpu_builds(parts):
    """Return the lines of the CPU builds of what is locked.

    They stand in a file of their own. Beside the hashes of another build in one line, pip prefers
    what an index lists with a hash, so a build that lies in a folder would never be taken.
    """
    return {
        name: f"{name}+cpu" + "".join(f" \\\n    --hash=sha256:{each}" for each in hashes) + "\n"
        for name, hashes in CPU_BUILDS.items()
        if name in parts
    }


def _write(name, purpose, parts, names):
    text = HEAD.format(purpose) + "".join(parts[each] for each in sorted(names))
    (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
