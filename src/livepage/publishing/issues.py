"""One issue for each thing that is checked by the clock: opened, kept up to date, closed.

``python -m livepage.publishing.issues newest OUTCOME`` tells whether the book can be built with the
newest versions of what it stands on; OUTCOME is what GitHub calls the result of that job.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from urllib.request import Request, urlopen


@dataclass(frozen=True)
class Topic:
    """What an issue is about: its label, by which it is found again, its title, and good news."""

    label: str
    title: str
    all_is_well: str


NEWEST = Topic(
    label="newest-versions",
    title="The book cannot be built with the newest versions",
    all_is_well="The book can be built with the newest versions.",
)


def keep(topic, text, repository, ask):
    """Open, update or close the issue about a topic; return what was done.

    Parameters
    ----------
    topic : Topic
        What it is about.
    text : str
        What is wrong; empty if nothing is.
    repository : str
        Owner and name, as in ``owner/name``.
    ask : callable
        Called with a method, a path and data, or None, it asks the service; see `ask_github`.
    """
    issues = f"/repos/{repository}/issues"
    open_ones = ask("GET", f"{issues}?state=open&labels={topic.label}", None)
    if not open_ones and not text:
        return topic.all_is_well
    if not open_ones:
        new = ask("POST", issues, {"title": topic.title, "body": text, "labels": [topic.label]})
        return f"Issue {new['number']} tells what is wrong."
    number = open_ones[0]["number"]
    if text:
        ask("PATCH", f"{issues}/{number}", {"body": text})
        return f"Issue {number} tells what is wrong now."
    ask("PATCH", f"{issues}/{number}", {"state": "closed"})
    return f"{topic.all_is_well} Issue {number} is closed."


def ask_github(method, path, data):
    """Ask the service that the environment names; return its answer."""
    request = Request(
        os.environ.get("GITHUB_API_URL", "https://api.github.com") + path,
        method=method,
        data=None if data is None else json.dumps(data).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['GH_TOKEN']}",
            "Content-Type": "application/json",
        },
    )
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def about_newest(outcome, environment):
    """Return what is wrong with the newest versions, or an empty text.

    Parameters
    ----------
    outcome : str
        ``success``, or what else GitHub calls the result of a job.
    environment : mapping of str to str
        Where GitHub's workflows say what they run for.
    """
    if outcome == "success":
        return ""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (environment.get(name, "") for name in names)
    return (
        "With the newest versions that `pyproject.toml` allows, `make newest` does not build the "
        f"book. Its last lines say why: {server}/{repository}/actions/runs/{run}\n\n"
        "Mend the book, or narrow the range of what broke it. What readers get now is built with "
        "the versions in `locks/`, and is not affected; notebooks in Colab are, since they take "
        "what the ranges allow.\n"
    )


def main(arguments=None):
    """Keep the issue about the newest versions; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m livepage.publishing.issues", description=main.__doc__
    )
    parser.add_argument("topic", choices=["newest"])
    parser.add_argument("outcome", choices=["success", "failure", "cancelled", "skipped"])
    text = about_newest(parser.parse_args(arguments).outcome, os.environ)
    print(keep(NEWEST, text, os.environ["GITHUB_REPOSITORY"], ask_github))
    return 0


if __name__ == "__main__":
    sys.exit(main())
