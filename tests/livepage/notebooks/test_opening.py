"""The first cell installs what is missing, once, and touches nothing that is there."""

import os
import subprocess
import sys

import pytest

from livepage.notebooks.opening import opening

WORKFLOW = {"GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "main"}
REPOSITORY = "https://github.com/fork/book"
PIP = """\
import pathlib, sys

home = pathlib.Path(__file__).parents[1]
with (home / "calls").open("a") as file:
    print(*sys.argv[1:], sep="\\n", file=file)
if (home / "no network").exists():
    sys.exit("ERROR: could not reach the host")
(home / "toy.py").touch()
"""


@pytest.fixture
def world(tmp_path):
    """An empty environment with a pip that writes down what it is asked for."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "toy-course"\n')
    (tmp_path / "packages" / "pip").mkdir(parents=True)
    (tmp_path / "packages" / "pip" / "__init__.py").touch()
    (tmp_path / "packages" / "pip" / "__main__.py").write_text(PIP)
    return tmp_path


def run(world, source):
    """Run the cell as a program that sees only the packages of its world."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(world / "packages")}
    return subprocess.run(
        [sys.executable, "-S", "-c", source],
        cwd=world / "packages",
        env=environment,
        capture_output=True,
        text=True,
    )


def calls(world):
    path = world / "packages" / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_what_is_missing_is_installed_once_and_from_the_fork(world):
    cell = opening("toy", world, REPOSITORY, WORKFLOW)
    first = run(world, cell.source)
    assert first.returncode == 0, first.stderr
    assert first.stdout == "Installing toy-course. This takes about a minute.\n"
    wanted = "toy-course @ git+https://github.com/fork/book@main"
    assert calls(world) == ["install", "--quiet", wanted]
    second = run(world, cell.source)
    assert (second.returncode, second.stdout, len(calls(world))) == (0, "", 3)


def test_what_is_there_stays(world):
    (world / "packages" / "toy.py").touch()
    done = run(world, opening("toy", world, REPOSITORY, WORKFLOW).source)
    assert (done.returncode, done.stdout, done.stderr, calls(world)) == (0, "", "", [])


def test_a_failed_installation_shows_what_pip_said(world):
    (world / "packages" / "no network").touch()
    done = run(world, opening("toy", world, REPOSITORY, WORKFLOW).source)
    assert done.returncode != 0
    assert "pip could not install it. It says:\nERROR: could not reach the host" in done.stderr


def test_without_a_branch_pip_takes_the_default_one(world):
    for environment in ({}, {"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"}):
        source = opening("toy", world, REPOSITORY, environment).source
        assert f'"toy-course @ git+{REPOSITORY}"' in source


def test_without_a_repository_the_cell_says_what_to_install(world):
    cell = opening("toy", world, "", {})
    done = run(world, cell.source)
    assert done.returncode != 0
    assert "needs the package toy-course" in done.stderr
    assert "pip install ." in done.stderr
    (world / "packages" / "toy.py").touch()
    assert run(world, cell.source).returncode == 0


def test_the_cell_says_in_its_first_line_what_it_does_and_is_folded(world):
    for repository in (REPOSITORY, ""):
        cell = opening("toy", world, repository, {})
        assert cell.source.startswith("# @title Set up: ")
        assert cell.metadata["cellView"] == "form"
        assert cell.metadata["jupyter"]["source_hidden"]


def test_a_book_without_a_package_needs_no_such_cell(world, tmp_path):
    assert opening("", world, REPOSITORY, WORKFLOW) is None
    assert opening("toy", tmp_path / "elsewhere", REPOSITORY, WORKFLOW) is None
