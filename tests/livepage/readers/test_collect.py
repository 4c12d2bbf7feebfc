"""Our Datatops server, and what a teacher reads."""

import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import yaml
from datatops import Project
from tests.livepage.datatops_server import PROJECT, Datatops

from livepage.readers.collect import main, read, settings, summary
from livepage.readers.feedback import check


@pytest.fixture
def server(tmp_path):
    server = Datatops(tmp_path, ours=True)
    yield server
    server.stop()


def post(server, record, **headers):
    address = f"{server.url}/api/v1/projects/{PROJECT}"
    return requests.post(address, json=record, headers={"X-User-Key": server.user_key} | headers)


def record(number, face="sad", text="Why?"):
    return {
        "button_name": face,
        "feedback": text,
        "section_id": "book/first#steps",
        "timestamp_utc": "2026-01-02T03:04:05.678",
        "feedback_id": f"{number}",
    }


def project(server):
    return Project(PROJECT, server.admin_key, server.user_key, server.url)


def test_what_comes_at_the_same_moment_or_twice_is_kept_once_each(server):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: post(server, record(number % 20)), range(60)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(int(one["feedback_id"]) for one in server.records()) == list(range(20))


def test_the_key_that_is_in_the_pages_writes_and_does_not_read(server):
    post(server, record(1))
    address = f"{server.url}/api/v1/projects/{PROJECT}"
    assert "Why?" not in requests.get(address, headers={"X-User-Key": server.user_key}).text
    assert "Why?" not in requests.get(address).text
    assert "Why?" in requests.get(address, headers={"X-Admin-Key": server.admin_key}).text
    assert post(server, record(2), **{"X-User-Key": "wrong"}).status_code == 403


def test_nobody_else_makes_projects_and_nothing_huge_is_stored(server):
    made = requests.post(f"{server.url}/api/v1/projects", json={"project": "another"})
    assert made.status_code == 403
    assert post(server, record(1, text="x" * 100_000)).status_code == 413
    assert server.records() == []


def test_pages_of_other_sites_may_send(server):
    asked = requests.options(f"{server.url}/api/v1/projects/{PROJECT}")
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    allowed = asked.headers["Access-Control-Allow-Headers"].lower()
    assert {"content-type", "x-user-key"} <= set(re.split(", *", allowed))


def test_what_came_is_there_after_a_restart_with_the_same_keys(server, tmp_path):
    post(server, record(1))
    with server.down():
        again = Datatops(tmp_path, ours=True)
        assert (again.user_key, again.admin_key) == (server.user_key, server.admin_key)
        assert [one["feedback_id"] for one in read(project(again))] == ["1"]
        again.stop()


def test_the_file_with_the_keys_is_for_its_owner_alone(server, tmp_path):
    [file] = tmp_path.glob("*.keys.json")
    assert file.stat().st_mode & 0o077 == 0


def test_the_settings_that_are_printed_are_good_ones(server):
    lines = yaml.safe_load(settings(project(server)))["livepage_feedback"]
    check(lines)
    assert lines == server.settings()


def test_a_teacher_reads_how_each_section_was(server):
    post(server, record(1, "happy", ""))
    post(server, record(2, "happy", ""))
    post(server, record(3, "sad", "Two\nlines \x1b[31mred =1+1"))
    assert summary(read(project(server))) == (
        "book/first#steps: 2 good, 1 not good\n"
        "  2026-01-02T03:04  not good: Two lines  [31mred =1+1"
    )


def test_a_record_of_another_sender_is_shown_too(server):
    post(server, {"something": "else"})
    post(server, {"section_id": 3, "feedback": ["a"], "button_name": None})
    assert "['a']" in summary(read(project(server)))


def test_what_the_packages_server_stored_twice_is_read_once(tmp_path):
    server = Datatops(tmp_path / "plain")
    for number in (1, 1, 2):
        post(server, record(number))
    assert len(server.records()) == 3
    assert [one["feedback_id"] for one in read(project(server))] == ["1", "2"]
    server.stop()


def test_a_wrong_admin_key_is_told(server):
    other = Project(PROJECT, "a-wrong", server.user_key, server.url)
    with pytest.raises(PermissionError, match="Is the admin key right"):
        read(other)


def test_the_two_commands_work_together(tmp_path, capsys):
    command = [sys.executable, "-m", "livepage.readers.collect", "serve", tmp_path, PROJECT]
    # Ports are few, and one that is free now is free a moment later.
    other = Datatops(tmp_path / "other")
    port = other.port
    other.stop()
    with subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            said = "".join(process.stdout.readline() for _ in range(5))
            lines = yaml.safe_load(said.partition("\n")[2])["livepage_feedback"]
            send_when_it_is_up(lines)
            assert main(["read", str(tmp_path / f"{PROJECT}.keys.json")]) == 0
            assert "1 good" in capsys.readouterr().out
            assert main(["read", str(tmp_path / f"{PROJECT}.keys.json"), "--json"]) == 0
            assert json.loads(capsys.readouterr().out)[0]["button_name"] == "happy"
        finally:
            process.terminate()


def send_when_it_is_up(lines):
    address = f"{lines['url']}/api/v1/projects/{lines['project']}"
    headers = {"X-User-Key": lines["user_key"]}
    for _ in range(100):
        try:
            requests.post(address, json=record(1, "happy"), headers=headers).raise_for_status()
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail("the server does not answer")
