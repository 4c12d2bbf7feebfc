"""What `make` says to a newcomer whose machine lacks something."""

import hashlib
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
READ_BY_MAKE = (
    "locks/book.txt",
    "locks/cpu.txt",
    "locks/cuda.txt",
    "pyproject.toml",
    "package.json",
    "package-lock.json",
)
OLD_PYTHON = """#!/bin/sh
case "$1" in
    -c) exit 1 ;;
    -V) echo "Python 3.8.1" ;;
esac
"""
PYTHON_WITHOUT_VENV = """#!/bin/sh
test "$1" != -m
"""


@pytest.fixture
def fresh_clone(tmp_path):
    (tmp_path / "locks").mkdir()
    for name in ("Makefile", *READ_BY_MAKE):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder, *arguments, **variables):
    """Run make; return its exit status and what it said, less make's own last line."""
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    done = subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("make")]
    return done.returncode, lines


def script(folder, text):
    path = folder / "python"
    path.write_text(text)
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_without_a_target_make_says_what_there_is(fresh_clone):
    status, lines = make(fresh_clone)
    assert status == 0
    assert {line.split()[1] for line in lines} == {
        "help",
        "book",
        "notebooks",
        "site",
        "test",
        "bench",
        "serve",
        "clean",
        "notebooks-branch",
        "publish-notebooks",
        "links",
        "check-links",
        "report-links",
        "reproducible",
        "newest",
        "report-newest",
        "lock",
        "audit-dependencies",
        "night",
        "claims",
        "mutants",
    }
    assert all(len(line.split()) > 2 for line in lines)


def test_a_missing_python_is_told(fresh_clone):
    status, lines = make(fresh_clone, "book", "PYTHON=no-such-python")
    assert status != 0
    assert len(lines) == 1
    assert "This needs Python 3.11 or later" in lines[0]


def test_an_old_python_is_told(fresh_clone):
    status, lines = make(fresh_clone, "book", script(fresh_clone, OLD_PYTHON))
    assert status != 0
    assert len(lines) == 1
    assert "This needs Python 3.11 or later, but" in lines[0]
    assert "Python 3.8.1" in lines[0]


def test_a_python_that_makes_no_environment_is_told(fresh_clone):
    status, lines = make(fresh_clone, "book", script(fresh_clone, PYTHON_WITHOUT_VENV))
    assert status != 0
    assert "apt install python3-venv" in lines[-1]
    assert not (fresh_clone / ".venv").exists()


def wheel(folder, version):
    """Write a wheel of an empty torch; return its name and hash."""
    folder.mkdir(exist_ok=True)
    path = folder / f"torch-{version}-py3-none-any.whl"
    about = f"torch-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    return path.name, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("found", [True, False])
def test_a_cpu_build_is_taken_where_pip_finds_one(fresh_clone, tmp_path, found):
    """Also in a plain folder, beside an index that lists another build with its hash."""
    index = tmp_path / "index" / "torch"
    index.parent.mkdir()
    name, listed = wheel(index, "1.0")
    (index / "index.html").write_text(f'<a href="{name}#sha256={listed}">{name}</a>')
    _, of_cpu = wheel(tmp_path / ("wheels" if found else "elsewhere"), "1.0+cpu")
    locks = {"book": f"torch==1.0 --hash=sha256:{listed}\n", "cuda": ""}
    locks["cpu"] = f"torch==1.0+cpu --hash=sha256:{of_cpu}\n"
    for lock, text in locks.items():
        (fresh_clone / "locks" / f"{lock}.txt").write_text(text)
    variables = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index.parent.as_uri()}
    (tmp_path / "wheels").mkdir(exist_ok=True)
    make(fresh_clone, "book", **variables, PIP_FIND_LINKS=str(tmp_path / "wheels"))
    installed = (fresh_clone / ".venv" / "lib").glob("python*/site-packages/torch-*.dist-info")
    assert [path.name for path in installed] == [f"torch-1.0{'+cpu' * found}.dist-info"]


def test_clean_leaves_what_git_knows(fresh_clone):
    for name in ("_build/html/index.html", ".venv/bin/python", "src/kept.py", "tests/kept.py"):
        (fresh_clone / name).parent.mkdir(parents=True, exist_ok=True)
        (fresh_clone / name).touch()
    status, _ = make(fresh_clone, "clean")
    assert status == 0
    left = {path.name for path in fresh_clone.iterdir()}
    assert left == {"Makefile", *(Path(name).parts[0] for name in READ_BY_MAKE), "src", "tests"}
    assert (fresh_clone / "src/kept.py").exists()


def test_data_folders_may_be_named_from_here(fresh_clone):
    """Chapters run in another folder, so the build must see absolute paths."""
    environment = fresh_clone / ".venv" / "bin"
    environment.mkdir(parents=True)
    recorder = script(environment, '#!/bin/sh\necho "$DESCENT_DATA_DIR|$DESCENT_CACHE_DIR"\n')
    assert recorder
    for name in READ_BY_MAKE:
        os.utime(fresh_clone / name, (0, 0))
    (fresh_clone / ".venv" / "book-ready").touch()
    status, lines = make(
        fresh_clone, "book", DESCENT_DATA_DIR="../my data", DESCENT_CACHE_DIR="/cache"
    )
    assert status == 0, lines
    assert lines[-1] == f"{fresh_clone}/../my data|/cache"


def test_the_pins_lie_in_the_ranges():
    """What the book is built with is what the package admits."""
    pinned = {}
    files = ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt"
    for line in "\n".join(file.read_text() for file in files).splitlines():
        if "==" in line:
            requirement = Requirement(line)
            pinned[requirement.name] = next(iter(requirement.specifier)).version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for text in sum(project["optional-dependencies"].values(), project["dependencies"]):
        requirement = Requirement(text)
        assert requirement.name in pinned, f"{requirement.name} is not pinned"
        assert requirement.specifier.contains(pinned[requirement.name], prereleases=True), text


def locked(name):
    """Return the packages of a lock file with their versions, without what is for other systems."""
    lines = (ROOT / "locks" / f"{name}.txt").read_text().splitlines()
    found = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalpha()]
    return {
        each.name: next(iter(each.specifier)).version
        for each in found
        if each.marker is None or each.marker.evaluate()
    }


@pytest.mark.parametrize(
    ("pins", "locks"),
    [("requirements.txt", ["book"]), ("tests/requirements.txt", ["book", "tests"])],
)
def test_the_lock_files_hold_the_pins(pins, locks):
    held = {name: version for lock in locks for name, version in locked(lock).items()}
    for line in (ROOT / pins).read_text().splitlines():
        if "==" in line:
            name, version = line.split("==")
            assert held.get(name) == version, f"{line} is not locked: run make lock"


def test_what_is_installed_here_is_what_is_locked():
    for name, version in (locked("book") | locked("tests")).items():
        here = metadata.version(name).partition("+")[0]
        assert here == version, f"{name} {here} is here, and {version} is locked"


@pytest.mark.parametrize("name", ["book", "cuda", "tests"])
def test_every_locked_package_has_hashes(name):
    text = (ROOT / "locks" / f"{name}.txt").read_text()
    packages = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert len(packages) > 15
    for package in packages:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", package), package
    assert ("nvidia-" in text) == (name == "cuda")


def test_the_cpu_build_is_of_the_locked_version():
    text = (ROOT / "locks" / "cpu.txt").read_text()
    (line,) = [each for each in text.splitlines() if each[:1].isalpha()]
    assert line == f"torch=={locked('book')['torch']}+cpu \\"
    assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", text)
