"""A real Datatops server on this machine, that can be slow, broken or down."""

import json
import socket
import threading
import time
from contextlib import contextmanager

from datatops.server import DatatopsServer
from datatops.server.backend.jsonfilebackend import JSONFileBackend
from flask import abort, request
from werkzeug.serving import make_server

from livepage.readers.collect import ALLOWED, make_app

PROJECT = "course"


class Datatops:
    """The server of the package, and what happens to it.

    ``delay`` holds requests back before they are stored, ``answer_delay`` the answers, and
    ``preflight_delay`` the answer to a browser that asks what it may send.
    ``status`` is an answer in place of storing.
    """

    def __init__(self, folder, ours=False, open_to_pages=True):
        self.delay = self.answer_delay = self.preflight_delay = 0
        self.status = None
        self.asked = []  # the methods of all requests
        self.folder = folder
        if ours:
            self.app, made = make_app(folder, PROJECT, "http://127.0.0.1")
            self.user_key, self.admin_key = made.user_key, made.admin_key
        else:
            # The package admits that its folder of files is not made for requests side by side;
            # the tests send one by one.
            server = DatatopsServer(JSONFileBackend(folder))
            self.app, made = server.app, server.create_project(PROJECT)
            self.user_key, self.admin_key = made["user_key"], made["admin_key"]
        self.app.before_request(self._before)
        self.app.after_request(self._after)
        self.open_to_pages = open_to_pages and not ours
        self.place = socket.socket()  # holds the port, which nobody else gets while we are down
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.bind(("127.0.0.1", 0))
        self.port = self.place.getsockname()[1]
        self.start()

    def _before(self):
        self.asked.append(request.method)
        if request.method == "OPTIONS":
            time.sleep(self.preflight_delay)
            return
        time.sleep(self.delay)
        if self.status:
            abort(self.status)

    def _after(self, response):
        if request.method == "POST":
            time.sleep(self.answer_delay)
        if self.open_to_pages:
            response.headers.update(ALLOWED)
        return response

    def start(self):
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self._close()
        self.place.close()

    def _close(self):
        self.server.shutdown()
        self.server.server_close()

    @contextmanager
    def down(self):
        self._close()
        yield
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def settings(self):
        return {"url": self.url, "project": PROJECT, "user_key": self.user_key}

    def records(self):
        """Return what is stored, as whoever has the admin key gets it."""
        headers = {"X-Admin-Key": self.admin_key}
        with self.app.test_request_context(f"/api/v1/projects/{PROJECT}", headers=headers):
            for _ in range(100):
                try:
                    return self.app.view_functions["list_data"](PROJECT).json["data"]
                except json.JSONDecodeError:  # the server is writing that file
                    time.sleep(0.01)
        raise AssertionError("what the server stored cannot be read")

    def wait_until_asked(self, patience=15):
        """Wait until a browser has asked for anything."""
        until = time.monotonic() + patience
        while not self.asked and time.monotonic() < until:
            time.sleep(0.01)

    def wait_for(self, count, patience=15):
        """Return what is stored when there are so many, or when patience is at its end."""
        until = time.monotonic() + patience
        while len(self.records()) < count and time.monotonic() < until:
            time.sleep(0.05)
        return self.records()
