"""The branch of the notebooks: what it holds, and that pushing it touches nothing else."""

import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from livepage.publishing.branch import PublishingError, gather, main, push

ROOT = Path(__file__).parents[3]
PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "toy"
version = "1.0"
"""


def git(folder, *arguments):
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    """As on a fresh machine: git knows no name to sign with."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def remote(tmp_path):
    folder = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", str(folder))
    return folder


@pytest.fixture
def book(tmp_path, remote):
    """A repository with a package, on its branch main, and notebooks that were made from it."""
    folder = tmp_path / "book"
    (folder / "src" / "toy").mkdir(parents=True)
    (folder / "src" / "toy" / "__init__.py").write_text("COLOR = 'red'\n")
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / ".gitignore").write_text("_build\n*.whl\n")
    shutil.copytree(ROOT / "binder", folder / "binder")
    git(tmp_path, "init", "-q", "-b", "main", str(folder))
    git(folder, "add", ".")
    identity = ["-c", "user.name=A. Author", "-c", "user.email=author@example.org"]
    git(folder, *identity, "commit", "-q", "-m", "Write a book")
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "push", "-q", "origin", "main")
    for kind in ("student", "instructor"):
        (folder / "_build" / "notebooks" / kind).mkdir(parents=True)
        write_notebook(folder, kind, "first")
    return folder


def write_notebook(folder, kind, name):
    path = folder / "_build" / "notebooks" / kind / f"{name}.ipynb"
    path.write_text(f'{{"cells": [], "for": "{kind}"}}')
    return path


def files(remote, branch="notebooks"):
    return set(git(remote, "ls-tree", "-r", "--name-only", branch).splitlines())


def test_the_branch_holds_the_notebooks_and_what_binder_needs(book, remote):
    gather(book)
    push(book, "origin", "notebooks")
    assert files(remote) == {
        "README.md",
        "environment.yml",
        "postBuild",
        "toy-1.0-py3-none-any.whl",
        "student/first.ipynb",
        "instructor/first.ipynb",
    }
    assert '"for": "student"' in git(remote, "show", "notebooks:student/first.ipynb")
    assert '"for": "instructor"' in git(remote, "show", "notebooks:instructor/first.ipynb")
    source = git(book, "rev-parse", "HEAD")
    assert f"[{source}](../../commit/{source})" in git(remote, "show", "notebooks:README.md")


def test_the_wheel_is_that_of_the_commit_and_leaves_nothing_behind(book):
    before = git(book, "status", "--porcelain", "--ignored")
    (wheel,) = gather(book).glob("*.whl")
    assert zipfile.ZipFile(wheel).read("toy/__init__.py") == b"COLOR = 'red'\n"
    assert git(book, "status", "--porcelain", "--ignored") == before


def test_a_second_push_replaces_the_branch_and_touches_nothing_else(book, remote):
    untouched = git(remote, "rev-parse", "main")
    gather(book)
    first = push(book, "origin", "notebooks")
    (book / "_build" / "notebooks" / "student" / "first.ipynb").unlink()
    write_notebook(book, "student", "second")
    gather(book)
    (book / "src" / "toy" / "mine.py").touch()
    git(book, "add", "src/toy/mine.py")
    mine = git(book, "status", "--porcelain", "--branch")
    second = push(book, "origin", "notebooks")
    assert second != first
    assert git(remote, "rev-list", "notebooks") == second  # one commit, without a past
    assert {name for name in files(remote) if "/" in name} == {
        "student/second.ipynb",
        "instructor/first.ipynb",
    }
    assert git(remote, "rev-parse", "main") == untouched
    assert git(book, "status", "--porcelain", "--branch") == mine
    assert git(book, "branch", "--format=%(refname:short)") == "main"


def test_binder_may_execute_what_it_runs_last(book, remote):
    tree = gather(book)
    (tree / "postBuild").chmod(0o644)  # what is passed on as an artifact loses the mark
    push(book, "origin", "notebooks")
    assert git(remote, "ls-tree", "notebooks", "postBuild").startswith("100755")


def test_who_made_the_source_signs(book, remote):
    gather(book)
    push(book, "origin", "notebooks")
    signed = git(remote, "log", "-1", "--format=%an <%ae>, %cn", "notebooks")
    assert signed == "A. Author <author@example.org>, A. Author"


def test_it_can_be_pushed_to_an_address_and_under_another_name(book, tmp_path):
    git(tmp_path, "init", "-q", "--bare", "other.git")
    gather(book)
    push(book, str(tmp_path / "other.git"), "mine")
    assert "student/first.ipynb" in files(tmp_path / "other.git", "mine")


def test_without_notebooks_it_says_how_to_make_them(book, capsys):
    shutil.rmtree(book / "_build" / "notebooks" / "instructor")
    assert main(["gather", str(book)]) == 1
    said = capsys.readouterr().err
    assert "instructor has no notebooks" in said
    assert "make notebooks" in said


def test_changes_that_are_not_committed_are_not_published(book):
    (book / "src" / "toy" / "__init__.py").write_text("COLOR = 'blue'\n")
    with pytest.raises(PublishingError, match="commit the changes first"):
        gather(book)


def test_pushing_before_gathering_is_told(book, capsys):
    assert main(["push", str(book)]) == 1
    assert "make notebooks-branch" in capsys.readouterr().err


def test_what_git_says_is_passed_on(book, capsys):
    gather(book)
    assert main(["push", str(book), "--remote", "nowhere"]) == 1
    assert "'nowhere' does not appear to be a git repository" in capsys.readouterr().err


# Where conda-forge has another name, or a lighter one.
RENAMED = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}


def test_binder_installs_what_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        f"{RENAMED.get(requirement.name, requirement.name)}{requirement.specifier}"
        for requirement in map(Requirement, project["dependencies"])
    }
    environment = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text())
    assert environment["channels"] == ["conda-forge"]
    python, pip, *installed = environment["dependencies"]
    assert set(installed) == wanted
    assert pip == "pip"
    # Binder reads the version from this form only, and takes another Python without it.
    assert re.fullmatch(r"python=3\.\d+", python)
