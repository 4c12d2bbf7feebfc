"""A small stand-in for MNIST, servers on the loopback, and an environment of its own per test."""

import gzip
import hashlib
import http.server
import os
import struct
import threading
import tracemalloc
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from descent.data import files, loading, mirrors, network

PUBLISHED_MIRRORS = mirrors.MIRRORS
N_TRAIN, N_TEST = 30, 12


def encode_idx(array):
    """An IDX file, written from the format's description and not with the code under test."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


class FakeMNIST:
    """Four small files. The test images are brighter, so that their statistics differ."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        train = rng.integers(0, 120, (N_TRAIN, 28, 28), dtype=np.uint8)
        test = rng.integers(100, 256, (N_TEST, 28, 28), dtype=np.uint8)
        labels = rng.integers(0, 10, N_TRAIN + N_TEST, dtype=np.uint8)
        names = [file.name for file in files.MNIST_FILES]
        arrays = (train, labels[:N_TRAIN], test, labels[N_TRAIN:])
        self.arrays = dict(zip(names, arrays, strict=True))
        self.plain = {name: encode_idx(array) for name, array in self.arrays.items()}
        self.gz = {name: gzip.compress(content) for name, content in self.plain.items()}
        self.table = tuple(
            files.IDXFile(name, array.shape, hashlib.sha256(self.plain[name]).hexdigest())
            for name, array in self.arrays.items()
        )

    @property
    def names(self):
        return list(self.arrays)

    def write(self, folder, gzipped=False):
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.names:
            content, ending = (self.gz, ".gz") if gzipped else (self.plain, "")
            (folder / f"{name}{ending}").write_bytes(content[name])
        return folder

    def routes(self, **replaced):
        """What a mirror answers; `replaced` gives another answer for names with this ending."""
        routes = {f"/{name}.gz": content for name, content in self.gz.items()}
        for path in routes:
            for part, answer in replaced.items():
                if part in path.replace("-", "_"):
                    routes[path] = answer
        return routes


class Server:
    """An HTTP server on the loopback; an answer is bytes, a status, or a function."""

    def __init__(self, routes, head):
        self.requests = []
        self.released = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self):
                head(self, outer.released)

            def do_GET(self):
                outer.requests.append(self.path)
                answer = routes.get(self.path, 404)
                if callable(answer):
                    answer(self, outer.released)
                elif isinstance(answer, int):
                    self.send_error(answer)
                else:
                    send(self, answer)

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self):
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def send(handler, body):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def be_there(handler, released):
    """Answer a probe."""
    handler.send_response(200)
    handler.end_headers()


def hang(handler, released):
    """Accept the request and never answer."""
    released.wait(60)


def stall(handler, released):
    """Answer, send a little, and stop."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"\x1f\x8b")
    released.wait(60)


def drip(handler, released):
    """Send a byte now and then for as long as anybody listens."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while not released.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()
    except OSError:
        pass


@pytest.fixture(autouse=True)
def _isolated(monkeypatch, tmp_path):
    """No variable of the outside, no mirror, a cache of its own, and nothing in memory."""
    for name in ("DESCENT_DATASET", "DESCENT_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DESCENT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(mirrors, "MIRRORS", ())
    monkeypatch.setattr(loading, "_mnist", {})
    monkeypatch.setattr(loading, "_absent", set())


@pytest.fixture
def published_mirrors():
    return PUBLISHED_MIRRORS


@pytest.fixture
def mnist(monkeypatch):
    fake = FakeMNIST()
    monkeypatch.setattr(files, "MNIST_FILES", fake.table)
    return fake


@pytest.fixture
def other_mnist():
    """Files of the same form with other content, and so with other checksums."""
    return FakeMNIST(seed=1)


@pytest.fixture
def serve():
    servers = []

    def start(routes, head=be_there):
        servers.append(Server(routes, head))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def misbehave():
    """The ways of a bad server, by name."""
    return {"hang": hang, "stall": stall, "drip": drip}


@pytest.fixture
def short_limits(monkeypatch):
    monkeypatch.setattr(network, "PROBE_SECONDS", 0.8)
    monkeypatch.setattr(network, "STALL_SECONDS", 0.6)
    monkeypatch.setattr(network, "DOWNLOAD_SECONDS", 1.0)


@pytest.fixture
def cached(tmp_path):
    """What lies in the cache: names and contents, temporary files included."""

    def look():
        return {
            str(path.relative_to(tmp_path / "cache")): path.read_bytes()
            for path in Path(tmp_path / "cache").rglob("*")
            if path.is_file()
        }

    return look


@pytest.fixture
def measure_peak():
    """A context whose value, called, is the most memory in bytes that Python held in it."""

    @contextmanager
    def measure():
        peaks = []
        tracemalloc.start()
        try:
            yield lambda: peaks[0]
        finally:
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    return measure


@pytest.fixture
def published_files():
    """The folder of the real MNIST, or None where this machine has no copy."""
    root = Path(__file__).parents[3]
    folder = Path(os.environ.get("DESCENT_TEST_MNIST") or root.parent / "shared" / "mnist")
    return folder if folder.is_dir() else None
