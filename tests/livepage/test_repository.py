import subprocess

import pytest

from livepage.repository import pages_url, repository_url, site_address, web_address

WORKFLOW = {"GITHUB_REPOSITORY": "fork/book"}


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/owner/book.git", "https://github.com/owner/book"),
        ("https://github.com/owner/book", "https://github.com/owner/book"),
        ("https://user:secret@github.com/owner/book.git", "https://github.com/owner/book"),
        ("git@github.com:owner/book.git", "https://github.com/owner/book"),
        ("ssh://git@gitlab.com/group/sub/book.git", "https://gitlab.com/group/sub/book"),
        ("/home/someone/book", ""),
        ("../book", ""),
        ("file:///home/someone/book", ""),
        ("", ""),
    ],
)
def test_a_remote_is_read_on_the_web(remote, address):
    assert web_address(remote) == address


def test_the_workflow_says_where_a_fork_lives(tmp_path):
    assert repository_url("https://github.com/owner/book", tmp_path, WORKFLOW) == (
        "https://github.com/fork/book"
    )
    elsewhere = WORKFLOW | {"GITHUB_SERVER_URL": "https://git.example.org"}
    assert repository_url("", tmp_path, elsewhere) == "https://git.example.org/fork/book"


def test_the_configuration_comes_before_the_remote(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(
        ["git", "-C", tmp_path, "remote", "add", "origin", "git@github.com:owner/book.git"],
        check=True,
    )
    assert repository_url("", tmp_path, {}) == "https://github.com/owner/book"
    assert repository_url("https://example.org/mine", tmp_path, {}) == "https://example.org/mine"


@pytest.mark.parametrize("ending", ["/", ".git", ".git/"])
def test_the_configuration_may_be_written_as_it_is_cloned(tmp_path, ending):
    configured = f"https://github.com/owner/book{ending}"
    assert repository_url(configured, tmp_path, {}) == "https://github.com/owner/book"


def test_an_empty_server_in_the_workflow_is_the_usual_one(tmp_path):
    assert repository_url("", tmp_path, WORKFLOW | {"GITHUB_SERVER_URL": ""}) == (
        "https://github.com/fork/book"
    )


def test_without_any_of_them_there_is_no_address(tmp_path):
    assert repository_url("", tmp_path, {}) == ""


@pytest.mark.parametrize(
    ("baseurl", "repository", "address"),
    [
        ("", "https://github.com/Owner/Book", "https://owner.github.io/Book/"),
        ("", "https://github.com/owner/owner.github.io", "https://owner.github.io/"),
        ("https://book.org", "https://github.com/owner/book", "https://book.org/"),
        ("https://book.org/deep/", "", "https://book.org/deep/"),
        ("", "https://gitlab.com/group/sub/book", ""),
        ("", "", ""),
    ],
)
def test_the_site_is_where_the_configuration_or_github_says(baseurl, repository, address):
    assert site_address(baseurl, repository) == address


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, ""),
        ({"GITHUB_REPOSITORY": "Owner/Book"}, "https://owner.github.io/Book/"),
        ({"GITHUB_REPOSITORY": "Owner/owner.github.io"}, "https://owner.github.io/"),
        ({"GITHUB_REPOSITORY": "a/b", "GITHUB_SERVER_URL": "https://git.example.org"}, ""),
    ],
)
def test_the_address_is_where_the_workflow_publishes(environment, address):
    assert pages_url(environment) == address
