"""Feedback from a notebook: the widget of vibecheck, and a real Datatops server."""

import builtins
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import ipywidgets
import nbformat
import pytest
from tests.livepage.datatops_server import PROJECT, Datatops
from tests.livepage.readers.test_feedback import HOSTILE, book_with, built
from vibecheck import DatatopsContentReviewContainer

from livepage.readers import content_review as module
from livepage.readers.content_review import KEPT, Mailbox, content_review

SECTION = "book/first#steps"
CLICK = """\
import ipywidgets
from ipywidgets.widgets.widget import _instances

button = next(one for one in _instances.values() if getattr(one, "description", "") == "🙂")
button.click()
print([one.value for one in _instances.values() if isinstance(one, ipywidgets.HTML)])
"""


@pytest.fixture
def server(tmp_path):
    server = Datatops(tmp_path / "datatops")
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own: what is kept, and the keys that the Datatops client finds there."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(module, "PAUSE", 0)
    return tmp_path / "home"


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, by vibecheck and by us."""
    objects = []
    monkeypatch.setattr("vibecheck.display", objects.append)
    monkeypatch.setattr(module, "display", objects.append)
    return objects


def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def ask(server, shown, **others):
    shown.clear()
    content_review(SECTION, **server.settings(), **others)
    widget, message = shown
    return list(parts(widget)), message


def send(widgets, face, text=""):
    press(widgets, face)
    if text:
        [field] = [one for one in widgets if isinstance(one, ipywidgets.Textarea)]
        field.value = text
        press(widgets, "Submit")


def press(widgets, words):
    [button] = [one for one in widgets if getattr(one, "description", None) == words]
    button.click()


def mailbox(server):
    return Mailbox(**server.settings())


def test_it_shows_the_widget_of_vibecheck_and_asks_the_server_for_nothing(server, shown):
    widgets, message = ask(server, shown)
    assert {"🙂", "😐", "🙁", "Submit"} <= {getattr(one, "description", "") for one in widgets}
    assert "How was this section?" in {getattr(one, "value", "") for one in widgets}
    assert message.value == ""
    assert server.asked == []


def test_what_a_reader_sends_arrives_with_all_fields(server, shown):
    widgets, message = ask(server, shown)
    send(widgets, "🙁", HOSTILE)
    [record] = server.records()
    assert (record["button_name"], record["feedback"]) == ("sad", HOSTILE)
    assert record["section_id"] == SECTION
    assert len(record["feedback_id"]) == 32
    assert "arrived" in message.value


def test_the_fields_are_those_that_vibecheck_itself_sends(server, shown):
    widgets, _ = ask(server, shown)
    send(widgets, "🙂")
    config = {"url": server.url, "name": PROJECT, "user_key": server.user_key}
    container = DatatopsContentReviewContainer("", SECTION, config)
    container._submit("happy", "")
    ours, theirs = server.records()
    assert set(ours) - set(theirs) == {"feedback_id"}
    same = ("button_name", "feedback", "section_id")
    assert [ours[name] for name in same] == [theirs[name] for name in same]
    assert len(ours["timestamp_utc"]) == len(theirs["timestamp_utc"])


def test_what_could_not_be_sent_is_kept_and_arrives_once_with_the_next(server, shown):
    widgets, message = ask(server, shown)
    with server.down():
        send(widgets, "😐", HOSTILE)
        assert message.value == KEPT
        assert len(mailbox(server).waiting()) == 1
    widgets, _ = ask(server, shown)  # another cell, or another notebook
    assert [record["feedback"] for record in server.wait_for(1)] == [HOSTILE]
    send(widgets, "🙂")
    time.sleep(0.3)
    assert [record["feedback"] for record in server.records()] == [HOSTILE, ""]
    assert mailbox(server).waiting() == []


def test_what_can_neither_be_sent_nor_kept_is_told(server, shown, home):
    (home / ".local").mkdir(parents=True)
    (home / ".local" / "share").write_text("a file where a folder should be")
    widgets, message = ask(server, shown, issue="https://example.org/issues/new")
    with server.down():
        send(widgets, "😐", "text")
    assert "it is not kept" in message.value
    assert "Not a directory" in message.value
    assert "https://example.org/issues/new" in message.value


def test_a_record_that_is_half_written_waits_for_nobody(server, monkeypatch):
    write_text = Path.write_text

    def stop_halfway(path, text, **options):
        write_text(path, text[:5], **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", stop_halfway)
    with pytest.raises(KeyboardInterrupt):
        mailbox(server).keep({"feedback_id": "1"})
    assert mailbox(server).waiting() == []


def test_several_kernels_send_what_waits_once(tmp_path):
    server = Datatops(tmp_path / "ours", ours=True)
    for number in range(10):
        mailbox(server).keep({"feedback_id": str(number)})
    kernels = [threading.Thread(target=mailbox(server).send_waiting) for _ in range(4)]
    server.delay = 0.01
    for kernel in kernels:
        kernel.start()
    for kernel in kernels:
        kernel.join()
    assert server.asked.count("POST") == 10
    assert sorted(int(record["feedback_id"]) for record in server.records()) == list(range(10))
    server.stop()


def test_what_a_stopped_kernel_was_sending_waits_again(server, monkeypatch):
    mailbox(server).keep({"feedback_id": "1"})
    [path] = mailbox(server).waiting()
    path.rename(path.with_suffix(".sending"))
    assert mailbox(server).waiting() == []
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + 100)
    assert [one.name for one in mailbox(server).waiting()] == ["1.json"]


def test_no_more_is_kept_than_there_is_room_for(server):
    for number in range(50):
        mailbox(server).keep({"feedback_id": f"{number:02}"})
        path = mailbox(server).folder / f"{number:02}.json"
        os.utime(path, (number, number))
    names = [path.stem for path in mailbox(server).waiting()]
    assert (len(names), names[-1]) == (40, "49")


@pytest.mark.parametrize(("key", "status"), [("wrong", 403), (None, 400)])
def test_a_refusal_is_told_and_not_tried_again(server, shown, key, status):
    server.user_key = key or server.user_key
    server.status = None if key else status
    widgets, message = ask(server, shown, issue="https://example.org/issues/new?title=a&b=1")
    send(widgets, "😐", "text")
    assert f"answer {status}" in message.value
    assert 'href="https://example.org/issues/new?title=a&amp;b=1"' in message.value
    assert mailbox(server).waiting() == []


def test_a_slow_server_does_not_hold_the_notebook_up(server, shown, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    widgets, message = ask(server, shown)
    server.delay = 1
    send(widgets, "🙂")
    assert message.value == KEPT


def test_a_teachers_own_key_does_not_make_the_cell_ask_the_server(server, shown, home):
    """vibecheck shows whoever has the admin key all that came, and stops without a network."""
    name = f"127.0.0.1_{server.port}"
    folder = home / ".config" / "datatops" / "projects" / name
    folder.mkdir(parents=True)
    keys = {"name": PROJECT, "url": server.url, "admin_key": server.admin_key, "user_key": "x"}
    (folder / f"{PROJECT}.json").write_text(json.dumps(keys))
    with server.down():
        widgets, _ = ask(server, shown)
    assert widgets


def test_without_vibecheck_there_is_a_link_or_a_sentence(server, shown, monkeypatch):
    monkeypatch.setattr(module, "Container", object)
    content_review(SECTION, **server.settings(), issue="https://example.org/issues/new")
    content_review("book/first", **server.settings())
    with_link, without = [one.data for one in shown]
    assert "How was this section? [Tell us in an issue.](https://example.org" in with_link
    assert "How was this page? Tell the person" in without


def test_the_module_can_be_imported_without_vibecheck(monkeypatch):
    real = builtins.__import__

    def refuse(name, *arguments, **options):
        if name == "vibecheck":
            raise ImportError(name)
        return real(name, *arguments, **options)

    source = module.__spec__.loader.get_source(module.__name__)
    monkeypatch.setattr(builtins, "__import__", refuse)
    namespace = {"__name__": "another"}
    exec(compile(source, "another", "exec"), namespace)
    assert namespace["Container"] is object


# ---- In notebooks that were written


def notebook(book, name="first"):
    path = book.folder / "_build" / "notebooks" / "student" / f"{name}.ipynb"
    return nbformat.read(path, as_version=4)


@pytest.fixture
def written(server, tmp_path):
    """A book whose notebooks send to the server."""
    book = book_with(tmp_path / "book", server.settings())
    book.write(
        "pyproject.toml",
        '[project]\nname = "toy-course"\noptional-dependencies.feedback = ["vibecheck"]\n',
    )
    return built(book, "--notebooks")


def run(folder, notebook):
    nbformat.write(notebook, folder / "given.ipynb")
    start = "from nbclient.cli import main; main()"
    command = [sys.executable, "-c", start, "given.ipynb", "--output=ran.ipynb"]
    paths = os.pathsep.join([str(folder / "book" / "src"), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return nbformat.read(folder / "ran.ipynb", as_version=4)


def test_a_notebook_asks_after_each_section_and_sends(server, written, tmp_path):
    given = notebook(written)
    asked = [one for one in given.cells if "feedback" in one.metadata.get("tags", [])]
    sections = ["book/first#steps-bits", "book/first#hops", "book/first"]
    assert [one.source.split('"')[1] for one in asked] == sections
    assert "toy-course[feedback] @ git+" in given.cells[0].source
    del given.cells[0]  # the course of this test is there already
    given.cells.append(nbformat.v4.new_code_cell(CLICK))
    ran = run(tmp_path, given)
    assert "arrived" in ran.cells[-1].outputs[0].text
    [record] = server.records()
    assert record["section_id"] in sections
    assert record["button_name"] == "happy"


def test_a_notebook_runs_to_its_end_with_the_server_down(server, written, tmp_path):
    given = notebook(written)
    del given.cells[0]
    given.cells.append(nbformat.v4.new_code_cell(CLICK))
    with server.down():
        ran = run(tmp_path, given)
        assert "cannot be reached" in ran.cells[-1].outputs[0].text
    assert len(mailbox(server).waiting()) == 1


def test_without_a_server_there_is_a_line_with_a_link(tmp_path):
    book = built(book_with(tmp_path, {}), "--notebooks")
    given = notebook(book)
    text = "\n".join(one.source for one in given.cells if one.cell_type == "markdown")
    link = "https://github.com/owner/book/issues/new?title=Feedback+on+book%2Ffirst"
    assert f"*How was this section? [Tell us in an issue.]({link}%23hops)*" in text
    assert f"[Tell us in an issue.]({link})" in text
    assert not any("content_review" in one.source for one in given.cells)
