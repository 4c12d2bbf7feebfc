"""Pages of small books in a browser."""

import functools
import http.server
import threading
from contextlib import contextmanager

from tests.site.conftest import QuietHandler


@contextmanager
def serve(folder):
    """Serve a folder; yield its address on this machine."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
