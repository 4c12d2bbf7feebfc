"""The list of links that lead out of a book, and what is done about dead ones."""

import http.server
import json
import threading
from contextlib import contextmanager

import pytest

from livepage.publishing import issues, links

PAGE = """<!DOCTYPE html><title>A page</title>
<a href="https://one.example/paper?id=1#section">1</a> <a href="other.html">here</a>
<a href="#place">there</a> <a href="mailto:a@b.example">mail</a>
<a href="https://git.example/o/n/issues/new?title=A+page">Tell us</a>
<img src="https://pictures.example/a.png" alt="A picture is no link">"""


@contextmanager
def serve(handler):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Web(http.server.BaseHTTPRequestHandler):
    """Answers /STATUS with that status, and anything else with a page."""

    def answer(self):
        status = int(self.path[1:]) if self.path[1:].isdigit() else 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = answer

    def log_message(self, *arguments):
        pass


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "_build" / "html"
    (folder / "book").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "book" / "first.html").write_text(PAGE.replace("id=1", "id=2"))
    return folder


def test_each_link_is_listed_once_with_its_pages(site):
    assert links.main(["list"]) == 0
    listed = json.loads((site.parent / "links.json").read_text())
    assert listed == {
        "https://git.example/o/n/issues/new": ["book/first.html", "index.html"],
        "https://one.example/paper?id=1": ["index.html"],
        "https://one.example/paper?id=2": ["book/first.html"],
    }
    assert list(listed) == sorted(listed)


def test_without_a_site_it_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="make book"):
        links.outgoing(tmp_path)


def test_dead_links_are_told_from_those_of_servers_that_refuse():
    with serve(Web) as web:
        asked = [f"{web}/{name}" for name in ("fine", "404", "410", "403", "500")]
        nobody = "http://127.0.0.1:9/"  # the port where everything is discarded
        faults = links.check([*asked, nobody])
    dead = {address for address, fault in faults.items() if fault["dead"]}
    assert dead == {f"{web}/404", f"{web}/410", nobody}
    assert f"{web}/fine" not in faults
    assert not faults[f"{web}/403"]["dead"]
    assert "404" in faults[f"{web}/404"]["answer"]


class Hub(Web):
    """The part of GitHub's interface that deals with issues."""

    issues, heard = [], []

    def answer(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sent = json.loads(data) if data else None
        self.heard.append((self.command, self.path, self.headers["Authorization"]))
        if self.command == "POST":
            self.issues.append({"number": 7, "state": "open", **sent})
        if self.command == "PATCH":
            self.issues[0].update(sent)
        wanted = [issue for issue in self.issues if issue["state"] == "open"]
        body = json.dumps(wanted if self.command == "GET" else self.issues[0]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = answer


def test_one_issue_tells_of_dead_links_until_all_live(site, monkeypatch, capsys):
    dead = {"https://one.example/": {"dead": True, "answer": "404 Client Error"}}
    pages = {"https://one.example/": ["book/first.html"]}
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    monkeypatch.setenv("GH_TOKEN", "word")

    def report(faults):
        found = {"faults": faults, "pages": pages}
        (site.parent / "dead-links.json").write_text(json.dumps(found))
        links.main(["report"])
        return capsys.readouterr().out

    with serve(Hub) as hub:
        monkeypatch.setenv("GITHUB_API_URL", hub)
        assert "No link is dead" in report({})
        assert Hub.issues == []
        assert "Issue 7" in report(dead)
        assert "Issue 7" in report(dead)
        assert len(Hub.issues) == 1
        assert "<https://one.example/>" in Hub.issues[0]["body"]
        assert "on book/first.html" in Hub.issues[0]["body"]
        assert "Issue 7 is closed" in report({})
    assert Hub.issues[0]["state"] == "closed"
    first = "GET", "/repos/owner/name/issues?state=open&labels=dead-links", "Bearer word"
    assert Hub.heard[0] == first


def test_one_issue_tells_of_the_newest_versions(monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    monkeypatch.setenv("GITHUB_RUN_ID", "42")
    monkeypatch.setenv("GH_TOKEN", "word")
    monkeypatch.setattr(Hub, "issues", [])
    with serve(Hub) as hub:
        monkeypatch.setenv("GITHUB_API_URL", hub)
        assert issues.main(["newest", "success"]) == 0
        assert Hub.issues == []
        issues.main(["newest", "failure"])
        issues.main(["newest", "cancelled"])
        assert len(Hub.issues) == 1
        assert Hub.issues[0]["labels"] == ["newest-versions"]
        assert "owner/name/actions/runs/42" in Hub.issues[0]["body"]
        issues.main(["newest", "success"])
    assert Hub.issues[0]["state"] == "closed"
    assert "Issue 7 is closed" in capsys.readouterr().out


def test_links_that_only_refuse_are_no_reason_for_an_issue():
    faults = {"https://one.example/": {"dead": False, "answer": "403 Client Error"}}
    assert links.describe(faults, {"https://one.example/": ["index.html"]}) == ""
