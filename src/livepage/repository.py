"""Which repository a book lives in and where it is published: a fork's links lead to the fork."""

import os
import re
import subprocess

GITHUB = re.compile(r"^https://github\.com/([^/]+)/([^/]+)$")
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
    configured = configured.rstrip("/").removesuffix(".git")
    return _of_workflow(environment) or configured or _remote(folder)


def pages_url(environment=os.environ):
    """Return where GitHub's workflow publishes the site, or an empty text outside of it.

    A site with a name of its own says so in its settings, as ``html_baseurl``.

    Parameters
    ----------
    environment : mapping of str to str
        Where GitHub's workflows say what they run for.
    """
    return site_address("", _of_workflow(environment))


def site_address(baseurl, repository):
    """Return where the site is published, with a slash at the end; empty if nobody knows.

    Parameters
    ----------
    baseurl : str
        The address in the book's configuration, which counts first.
    repository : str
        The web address of the repository. That of a repository on GitHub tells its GitHub Pages.
    """
    if baseurl:
        return baseurl.rstrip("/") + "/"
    match = GITHUB.match(repository)
    if not match:
        return ""
    owner, name = match[1].lower(), match[2]
    home = f"https://{owner}.github.io/"
    return home if name.lower() == f"{owner}.github.io" else f"{home}{name}/"


def _of_workflow(environment):
    """Return the repository that GitHub's workflow runs for, or an empty text outside of one."""
    name = environment.get("GITHUB_REPOSITORY")
    server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
    return f"{server.rstrip('/')}/{name}" if name else ""


def setup(app):
    """Register with Sphinx: find the repository when a build starts."""
    app.connect("builder-inited", _find)
    app.connect("env-get-outdated", _pages_to_read_again)


def _find(app):
    configured = app.config.html_theme_options.get("repository_url", "")
    app.env.livepage_repository = repository_url(configured, app.srcdir)


def _pages_to_read_again(app, env, added, changed, removed):
    """Return all pages if the repository is another one than when they were read."""
    before = getattr(env, "livepage_repository_read", env.livepage_repository)
    env.livepage_repository_read = env.livepage_repository
    return env.found_docs if before != env.livepage_repository else []


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
