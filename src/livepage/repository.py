"""Which repository a book lives in, so that a fork's links lead to the fork."""

import os
import re
import subprocess

WEB_ADDRESS = re.compile(r"^(?:https?://|ssh://)?(?:[^@/]+@)?([^/:]+)[/:](.+?)(?:\.git)?/?$")


def repository_url(configured="", folder=".", environment=os.environ):
    """Return the web address of the repository, or an empty text if there is none.

    It is taken from the workflow's environment, then from the book's configuration, then from the
    git remote ``origin``.

    Parameters
    ----------
    configured : str
        The address in the book's configuration.
    folder : str or pathlib.Path
        A folder inside the repository.
    environment : mapping of str to str
        Where GitHub's workflows say what they run for.
    """
    if environment.get("GITHUB_REPOSITORY"):
        server = environment.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{environment['GITHUB_REPOSITORY']}"
    return configured or _remote(folder)


def _remote(folder):
    command = ["git", "-C", str(folder), "remote", "get-url", "origin"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return web_address(answer.stdout.strip())


def web_address(remote):
    """Return where a git remote is read on the web; empty for a folder on this machine."""
    match = WEB_ADDRESS.match(remote)
    if not match or remote.startswith(("/", ".", "file:")):
        return ""
    return f"https://{match[1]}/{match[2]}"
