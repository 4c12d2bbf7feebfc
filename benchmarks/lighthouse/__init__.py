"""Lighthouse's marks of pages, as on a phone, from a server on this machine that compresses."""

import functools
import json
import os
import socket
import subprocess
import sysconfig
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

from benchmarks.lighthouse.serving import CompressingHandler
from livepage import node
from livepage.browser import find_browser

FOLDER = Path(sysconfig.get_path("data")) / "tests"  # where `make test` installs it
SCRIPT = Path(__file__).with_name("lighthouse.mjs")
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
OPTIONS += ("--disable-background-networking", "--remote-debugging-address=127.0.0.1")


@contextmanager
def served(folder):
    """Serve a folder, compressed; yield its address."""
    handler = functools.partial(CompressingHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def marks(addresses, categories):
    """Return what Lighthouse says of pages, each a dict with ``url``, ``marks`` and ``faults``.

    Parameters
    ----------
    addresses : list of str
        Of the pages, on this machine: every other host is blocked.
    categories : list of str
        Of ``"performance"``, ``"accessibility"``, ``"best-practices"`` and ``"seo"``.

    Raises
    ------
    RuntimeError
        If Lighthouse fails, with what it said.
    """
    with _chromium() as port:
        command = [node.PROGRAM, SCRIPT, FOLDER, str(port), ",".join(categories), *addresses]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def _chromium():
    """Start a Chromium of its own; yield the port at which it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    blocked = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        own = (f"--remote-debugging-port={port}", f"--user-data-dir={profile}", blocked)
        command = [find_browser(), *OPTIONS, *own, "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ) as process:
            try:
                _wait_for(f"http://127.0.0.1:{port}/json/version")
                yield port
            finally:
                process.terminate()


def _wait_for(address):
    for _ in range(300):
        try:
            urllib.request.urlopen(address).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("Chromium does not answer")
