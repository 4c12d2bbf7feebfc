"""The notebooks of the book, and an environment that has nothing but the wheel and Jupyter."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "_build"
NOTEBOOKS = BUILD / "notebooks"
CHAPTERS = sorted(
    path.stem
    for path in (ROOT / "book").glob("*.md")
    if "{code-cell}" in path.read_text() and "\nnotebook: false\n" not in path.read_text()
)
EDITIONS = ("student", "instructor")
ALL = [(edition, name) for edition in EDITIONS for name in CHAPTERS]
SHOW_NUMBERS = """\
import json
import livepage

print(json.dumps({name: repr(value) for name, value in livepage.glued.items()}))
"""


def read(edition, name):
    path = NOTEBOOKS / edition / f"{name}.ipynb"
    assert path.is_file(), f"there is no {path}: run make notebooks"
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """The Python of an environment with the wheel and Jupyter.

    What others publish is installed once for each set of versions, the wheel each time.
    """
    wheel = build_wheel(tmp_path_factory.mktemp("wheel"))
    pins = "".join(line for line in (ROOT / "requirements.txt").open() if "==" in line)
    project = (ROOT / "pyproject.toml").read_text()
    name = hashlib.sha256(f"{sys.version}{pins}{project}".encode()).hexdigest()[:12]
    folder = BUILD / "notebook-environment" / name
    interpreter = folder / "bin" / "python"
    if not (folder / "ready").exists():
        shutil.rmtree(folder.parent, ignore_errors=True)
        venv.create(folder, with_pip=True)
        (folder / "pins.txt").write_text(pins)
        install(interpreter, "-c", folder / "pins.txt", wheel, "ipykernel", "nbclient")
        (folder / "ready").touch()
    install(interpreter, "--force-reinstall", "--no-deps", wheel)
    return interpreter


def build_wheel(folder):
    """Build the wheel from a copy, since a build leaves its traces beside the sources."""
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    without = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", source / "src", ignore=without)
    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", folder, source)
    [wheel] = folder.glob("*.whl")
    return wheel


def install(interpreter, *arguments):
    pip(interpreter, "install", *arguments)


def pip(interpreter, *arguments):
    command = [interpreter, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def runs(request, python, tmp_path_factory):
    """All notebooks that the session asks for, executed with the data of the site, two at a time.

    Returns a function of edition and name, which waits for the executed notebook.
    """
    wanted = {
        tuple(item.callspec.params[part] for part in ("edition", "name"))
        for item in request.session.items
        if item.path.parent == Path(__file__).parent and "runs" in item.fixturenames
    }
    environment = variables()
    with ThreadPoolExecutor(2) as pool:
        futures = {
            (edition, name): pool.submit(
                execute, python, edition, name, tmp_path_factory.mktemp(name), environment
            )
            for edition, name in sorted(wanted)
        }
        yield lambda edition, name: futures[edition, name].result()
        for future in futures.values():
            future.cancel()


def variables():
    """Return the environment of a kernel that knows nothing of this one's packages."""
    dataset = subprocess.run(
        [sys.executable, "-m", "descent.data"], capture_output=True, text=True, check=True
    )
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "JUPYTER", "GITHUB_"))
    }
    # One thread, as the site has: sums in another order are other numbers.
    chosen = {"DESCENT_DATASET": dataset.stdout.strip(), "OMP_NUM_THREADS": "1"}
    return kept | chosen


def execute(python, edition, name, folder, environment):
    """Run a notebook alone in a folder; return it with its outputs, or what went wrong."""
    notebook = read(edition, name)
    notebook.cells.append(nbformat.v4.new_code_cell(SHOW_NUMBERS))
    nbformat.write(notebook, folder / "given.ipynb")
    done = subprocess.run(
        [python.parent / "jupyter-execute", folder / "given.ipynb", "--output", "ran.ipynb"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        return f"{edition}/{name} stops:\n{done.stderr[-3000:]}"
    return nbformat.read(folder / "ran.ipynb", as_version=4)
