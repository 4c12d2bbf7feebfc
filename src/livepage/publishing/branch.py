"""Publish a book's notebooks to a branch of their own, with what Binder needs to run them.

``python -m livepage.publishing.branch gather`` puts the files of that branch together, and
``... push`` pushes them. The second step needs nothing but git, so that it can run where writing is
allowed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

KINDS = ("student", "instructor")
UNCOMMITTED = (
    "There are changes that are not committed. The branch names the commit that its notebooks and "
    "its package come from, so commit the changes first."
)


class PublishingError(Exception):
    """What is to be published is not there, or cannot be pushed."""


def main(arguments=None):
    """Gather or push the notebooks of a book; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m livepage.publishing.branch", description=main.__doc__
    )
    parser.add_argument("step", choices=["gather", "push"])
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the book's folder")
    parser.add_argument("--remote", default="origin", help="name or address; default: origin")
    parser.add_argument("--branch", default="notebooks", help="default: notebooks")
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    try:
        if options.step == "gather":
            print(f"The files of the branch are in {gather(folder)}")
        else:
            commit = push(folder, options.remote, options.branch)
            print(f"Pushed {commit[:10]} to the branch {options.branch} of {options.remote}")
    except PublishingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def gather(folder):
    """Put the files of the branch together; return the folder that holds them.

    They are the notebooks of ``_build/notebooks``, all that is in ``binder``, and a wheel of the
    project. In ``binder/README.md``, ``{commit}`` becomes the commit they come from.

    Parameters
    ----------
    folder : pathlib.Path
        The book's folder, in a git repository.

    Raises
    ------
    PublishingError
        If there are no notebooks, if there are changes that are not committed, or if the wheel
        cannot be built.
    """
    notebooks = folder / "_build" / "notebooks"
    for kind in KINDS:
        if not list((notebooks / kind).glob("*.ipynb")):
            raise PublishingError(f"{notebooks / kind} has no notebooks. Run: make notebooks")
    if _run(folder, "git", "status", "--porcelain", "--untracked-files=no"):
        raise PublishingError(UNCOMMITTED)
    tree = _tree(folder)
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(folder / "binder", tree)
    for kind in KINDS:
        shutil.copytree(notebooks / kind, tree / kind)
    readme = tree / "README.md"
    commit = _run(folder, "git", "rev-parse", "HEAD")
    readme.write_text(readme.read_text("utf-8").replace("{commit}", commit), "utf-8")
    _build_wheel(folder, tree)
    return tree


def push(folder, remote, branch):
    """Push what was gathered, as the only commit of a branch; return the commit.

    Your own branches, files and index stay as they are.

    Parameters
    ----------
    folder : pathlib.Path
        The book's folder, in a git repository.
    remote : str
        The name of a remote of the repository, or an address.
    branch : str
        The branch. What it held before is replaced.

    Raises
    ------
    PublishingError
        If nothing was gathered, or git cannot push.
    """
    tree = _tree(folder)
    if not (tree / "README.md").is_file():
        raise PublishingError(f"{tree} is not there. Run: make notebooks-branch")
    with tempfile.TemporaryDirectory() as scratch:
        apart = {"GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": str(Path(scratch, "index"))}
        _run(tree, "git", "add", "--all", "--force", ".", **apart)
        # A file that was passed on between machines may have lost this mark.
        _run(tree, "git", "update-index", "--chmod=+x", "postBuild", **apart)
        written = _run(tree, "git", "write-tree", **apart)
    message = "Publish the notebooks. README.md names the commit that they come from."
    commit = _run(folder, "git", "commit-tree", written, "-m", message, **_author(folder))
    _run(folder, "git", "push", "--quiet", "--force", remote, f"{commit}:refs/heads/{branch}")
    return commit


def _tree(folder):
    return folder / "_build" / "notebooks-branch"


def _author(folder):
    """Return who made the last commit, to sign for what is made from it."""
    name, email = _run(folder, "git", "log", "-1", "--format=%an%n%ae").split("\n")
    return {f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")} | {
        f"GIT_{role}_EMAIL": email for role in ("AUTHOR", "COMMITTER")
    }


def _build_wheel(folder, tree):
    """Build the wheel from the commit, in a folder of its own, which leaves nothing behind."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as scratch:
        archive, source = Path(scratch, "source.tar"), Path(scratch, "source")
        _run(folder, "git", "archive", f"--output={archive}", "HEAD")
        shutil.unpack_archive(archive, source, filter="data")
        _run(source, *pip, "--no-deps", "--no-build-isolation", f"--wheel-dir={tree}", ".")


def _run(folder, *command, **variables):
    """Run a command in a folder; return what it says."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        raise PublishingError(f"{command[0]} is not installed here, and this needs it.") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip() or error.stdout.strip()
        raise PublishingError(f"{' '.join(map(str, command))} failed:\n{said}") from None
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
