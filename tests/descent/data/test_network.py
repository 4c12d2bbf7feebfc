import threading
import time

import pytest

from descent.data import network
from descent.data.errors import DataError
from descent.data.network import Probe, download

LIMIT = 10_000
SLOW = 10  # seconds: far above the limits that these tests set, far below a server's patience


def test_a_body_arrives_as_it_was_sent(serve):
    body = bytes(range(256)) * 30
    assert download(serve({"/file.gz": body}).url + "file.gz", LIMIT) == body


def test_a_body_that_is_sent_as_gzip_is_not_inflated(serve):
    def as_encoding(handler, released):
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        handler.wfile.write(b"\x1f\x8b not even gzip")

    assert download(serve({"/f": as_encoding}).url + "f", LIMIT) == b"\x1f\x8b not even gzip"


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_names_url_and_status(serve, status):
    url = serve({"/file.gz": status}).url + "file.gz"
    with pytest.raises(DataError, match=f"{url} answered with HTTP status {status}"):
        download(url, LIMIT)


def test_a_body_that_is_too_long_is_refused(serve):
    url = serve({"/file.gz": bytes(LIMIT + 1)}).url + "file.gz"
    with pytest.raises(DataError, match=f"{url} sends more than the 10,000 bytes"):
        download(url, LIMIT)


def test_a_connection_that_ends_early_is_an_error(serve):
    def cut(handler, released):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"part")

    with pytest.raises(DataError, match="could not be downloaded"):
        download(serve({"/f": cut}).url + "f", LIMIT)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/f", "http://[broken/f", "ftp://x/f", "http://"]
)
def test_no_server_and_no_url_are_errors(url):
    with pytest.raises(DataError, match="could not be downloaded"):
        download(url, LIMIT)


@pytest.mark.parametrize(
    ("way", "problem"),
    [
        ("hang", "stopped answering"),
        ("stall", "stopped answering"),
        ("drip", "took longer than 1 s"),
    ],
)
def test_no_server_can_keep_us_waiting(serve, misbehave, short_limits, way, problem):
    url = serve({"/f": misbehave[way]}).url + "f"
    start = time.monotonic()
    with pytest.raises(DataError, match=f"{url} {problem}"):
        download(url, 10**6)
    assert time.monotonic() - start < SLOW


def test_a_server_that_answers_anything_is_there(serve):
    def refuse(handler, released):
        handler.send_error(405)

    assert Probe(serve({}).url).problem() is None
    assert Probe(serve({}, head=refuse).url).problem() is None


def test_a_server_that_is_not_there_is_told_apart_from_a_silent_one(serve, misbehave, short_limits):
    assert Probe("http://127.0.0.1:1/").problem() == "cannot be reached"
    silent = serve({}, head=misbehave["hang"])
    assert Probe(silent.url).problem() == "did not answer within 0.8 s"


def test_silent_servers_are_asked_at_once_and_left_behind(monkeypatch, short_limits):
    asked, release = [], threading.Event()

    def name_lookup_that_never_ends(url, timeout):
        asked.append(url)
        release.wait(60)

    monkeypatch.setattr(network.requests, "head", name_lookup_that_never_ends)
    start = time.monotonic()
    probes = [Probe(f"http://mirror{n}/") for n in range(5)]
    problems = [probe.problem() for probe in probes]
    elapsed = time.monotonic() - start
    release.set()
    assert problems == ["did not answer within 0.8 s"] * 5
    assert len(asked) == 5
    assert elapsed < 3  # one after the other they take 4 s


def test_the_limits_keep_the_promise_of_half_a_minute():
    assert network.PROBE_SECONDS <= 5
    assert network.STALL_SECONDS <= 10
    assert network.DOWNLOAD_SECONDS <= 120


def test_a_server_is_asked_to_send_the_file_as_it_is(serve):
    asked = []

    def note_headers(handler, released):
        asked.append(handler.headers["Accept-Encoding"])
        handler.send_response(200)
        handler.end_headers()

    download(serve({"/f": note_headers}).url + "f", LIMIT)
    assert asked == ["identity"]


def test_a_body_may_be_as_long_as_the_limit(serve):
    body = bytes(LIMIT)
    assert download(serve({"/f": body}).url + "f", LIMIT) == body


class Bar:
    """Stands in for a progress bar."""

    def __init__(self, **options):
        self.options, self.steps, self.closed = options, [], False
        bars.append(self)

    def update(self, count):
        self.steps.append(count)

    def close(self):
        self.closed = True


bars = []


def test_the_bar_shows_file_and_bytes_and_goes_away(serve, monkeypatch):
    bars.clear()
    monkeypatch.setattr(network, "tqdm", Bar)
    download(serve({"/folder/file.gz": bytes(9_000)}).url + "folder/file.gz", LIMIT)
    (bar,) = bars
    shown = {"desc": "file.gz", "unit": "B", "unit_scale": True, "leave": False, "disable": None}
    assert bar.options == shown
    assert sum(bar.steps) == 9_000
    assert bar.closed


def test_what_waits_for_a_server_does_not_keep_python_from_ending(monkeypatch):
    threads = []

    class Noted(threading.Thread):
        def start(self):
            threads.append(self)
            super().start()

    monkeypatch.setattr(network.threading, "Thread", Noted)
    monkeypatch.setattr(network.requests, "head", lambda url, timeout: pytest.fail("asked"))
    Probe("http://127.0.0.1:1/").problem()
    network._run_within(5, lambda: None)
    assert [thread.daemon for thread in threads] == [True, True]


def test_a_probe_waits_longer_than_the_one_who_asked_it(monkeypatch):
    limits = []
    monkeypatch.setattr(network.requests, "head", lambda url, timeout: limits.append(timeout))
    Probe("http://mirror/").problem()
    assert network.PROBE_SECONDS < limits[0] <= 2 * network.PROBE_SECONDS


def test_a_failure_is_told_by_its_kind():
    with pytest.raises(DataError, match=r"could not be downloaded \(ConnectionError\)$"):
        download("http://127.0.0.1:1/", LIMIT)
