"""Asking a server whether it is there, and downloading from it, both within a given time."""

import http.client
import queue
import threading
import time

import requests
import urllib3
from tqdm import tqdm

from descent.data.errors import DataError

PROBE_SECONDS = 5  # for a server to answer at all
STALL_SECONDS = 8  # without a single byte
DOWNLOAD_SECONDS = 120  # for a whole file, however slowly it drips
CHUNK_BYTES = 16 * 1024

TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


class Probe:
    """Whether a server answers, asked in a thread of its own.

    Where a network drops packets nothing bounds how long a name look-up takes, so the thread is
    left behind when the time is up.

    Parameters
    ----------
    url : str
        What to ask for.
    """

    def __init__(self, url):
        self._url = url
        self._answer = queue.SimpleQueue()
        self._deadline = time.monotonic() + PROBE_SECONDS
        threading.Thread(target=self._ask, daemon=True).start()

    def problem(self):
        """Wait for the answer; return what is wrong, or None. To be called once."""
        try:
            return self._answer.get(timeout=max(0, self._deadline - time.monotonic()))
        except queue.Empty:
            return f"did not answer within {PROBE_SECONDS:g} s"

    def _ask(self):
        try:
            # Any answer will do, also a refusal: not every server knows HEAD.
            requests.head(self._url, timeout=2 * PROBE_SECONDS).close()
            self._answer.put(None)
        except Exception:
            self._answer.put("cannot be reached")


def download(url, limit):
    """Download a URL into memory, with a progress bar where stderr is a terminal.

    Parameters
    ----------
    url : str
        An ``http`` or ``https`` address.
    limit : int
        The most bytes to accept.

    Returns
    -------
    bytes
        The body as it was sent.

    Raises
    ------
    DataError
        If the server fails, sends nothing for `STALL_SECONDS`, sends more than `limit`, or takes
        longer than `DOWNLOAD_SECONDS`.
    """
    stop = threading.Event()
    bar = tqdm(desc=url.rsplit("/", 1)[-1], unit="B", unit_scale=True, leave=False, disable=None)
    try:
        return _run_within(DOWNLOAD_SECONDS, lambda: _read(url, limit, stop, bar))
    except queue.Empty:
        raise DataError(f"{url} took longer than {DOWNLOAD_SECONDS:g} s") from None
    except TIMEOUTS:
        raise DataError(f"{url} stopped answering") from None
    except FAILURES as error:
        raise DataError(f"{url} could not be downloaded ({type(error).__name__})") from None
    finally:
        stop.set()
        bar.close()


def _run_within(seconds, task):
    """Run a task in a thread; give what it gives, or raise queue.Empty when the time is up.

    A time limit on the socket starts anew with every byte, so it cannot stop a server that drips.
    """
    outcome = queue.SimpleQueue()

    def work():
        try:
            outcome.put((task(), None))
        except Exception as error:
            outcome.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    value, error = outcome.get(timeout=seconds)
    if error:
        raise error
    return value


def _read(url, limit, stop, bar):
    # "identity" and `decode_content=False`: nothing between us and the server inflates the data.
    headers = {"Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, stream=True, timeout=STALL_SECONDS) as response:
        if response.status_code != 200:
            raise DataError(f"{url} answered with HTTP status {response.status_code}")
        body = bytearray()
        for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
            body += chunk
            bar.update(len(chunk))
            if stop.is_set():
                break
            if len(body) > limit:
                raise DataError(f"{url} sends more than the {limit:,} bytes that were expected")
    return bytes(body)
