"""In a notebook: three faces and a text, sent to a Datatops server by the widget of vibecheck.

What could not be sent is kept on the disk of the kernel's machine, and sent when a notebook there
asks again. What the server refuses then is dropped, since it would refuse it each time.
"""

import json
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from threading import Thread
from urllib.parse import quote
from uuid import uuid4

import requests
from IPython.display import Markdown, display
from ipywidgets import HTML
from platformdirs import user_data_path

try:
    from vibecheck import DatatopsContentReviewContainer as Container
except ImportError:  # an optional extra
    Container = object

PATIENCE = 10  # seconds for an answer
PAUSE = 1.1  # a server on DynamoDB keeps one item of a project for each second
MOST = 40  # items that are kept; the oldest make room
AGAIN = {408, 425, 429}  # answers after which another try may help, beside those from 500 on
KEPT = "The server cannot be reached now. What you wrote is kept here, and sent with the next."


def content_review(section_id, *, url, project, user_key, issue=""):
    """Show three faces and a text, for a section of the book.

    Nothing is asked of the server before you send, unless something waits from before.

    Parameters
    ----------
    section_id : str
        The page and the anchor of the section, such as ``book/momentum#summary``.
    url : str
        The Datatops server.
    project, user_key : str
        The project there, and its key for those who write.
    issue : str
        Where to write an issue, for those who cannot send; empty if nowhere.
    """
    question = f"How was this {'section' if '#' in section_id else 'page'}?"
    if Container is object:
        way = f"[Tell us in an issue.]({issue})" if issue else "Tell the person who gave you this."
        display(Markdown(f"*{question} {way}*"))
        return
    mailbox = Mailbox(url, project, user_key)
    if mailbox.waiting():
        Thread(target=mailbox.send_waiting, daemon=True).start()
    config = {"url": url, "name": project, "user_key": user_key}
    Review(question, section_id, config, mailbox, issue).render()


class Review(Container):
    """vibecheck's widget, which keeps what it cannot send, and says so."""

    def __init__(self, prompt, section_id, config, mailbox, issue):
        super().__init__(prompt, section_id, config)
        self.mailbox = mailbox
        self.issue = issue
        self.message = HTML()

    def render(self):
        """Show the widget, and below it what became of the feedback."""
        super().render()
        display(self.message)

    def _has_admin_access(self):
        """Ask the server for nothing: vibecheck would, where it finds a teacher's key."""
        return False

    def _submit(self, button_name, feedback):
        record = {
            "button_name": button_name,
            "feedback": feedback,
            "section_id": self._section_id,
            "timestamp_utc": datetime.now(UTC).replace(tzinfo=None).isoformat(),
            "feedback_id": uuid4().hex,
        }
        outcome = self.mailbox.send(record)
        self.message.value = self._fate(outcome)
        if outcome != "later":  # it would find no server either
            Thread(target=self.mailbox.send_waiting, daemon=True).start()

    def _fate(self, outcome):
        if outcome == "sent":
            return "It has arrived."
        if outcome == "later":
            return KEPT
        way = f' <a href="{escape(self.issue)}">Write an issue instead.</a>' if self.issue else ""
        return f"The server did not accept it, and it is not kept ({escape(outcome)}).{way}"


class Mailbox:
    """Sends records to a project, and keeps each that has to wait in a file.

    Parameters
    ----------
    url, project, user_key : str
        As for `content_review`.
    """

    def __init__(self, url, project, user_key):
        self.address = f"{url.rstrip('/')}/api/v1/projects/{quote(project, safe='')}"
        self.user_key = user_key
        self.folder = user_data_path("livepage") / "feedback" / quote(self.address, safe="")

    def waiting(self):
        """Return the files of what waits, the oldest first."""
        self._take_back()
        return sorted(self.folder.glob("*.json"), key=_changed)

    def send(self, record):
        """Send a record; return ``sent``, ``later`` if it is kept, or why it was refused."""
        outcome = self._post(record)
        if outcome != "later":
            return outcome
        try:
            self.keep(record)
        except OSError as error:
            return f"it cannot be reached, and writing it here failed: {error.strerror}"
        return outcome

    def keep(self, record):
        """Write a record into a file of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{record['feedback_id']}.json"
        begun = path.with_suffix(".part")
        begun.write_text(json.dumps(record), encoding="utf-8")
        begun.rename(path)  # whole from the start: another kernel may read it at once
        for old in self.waiting()[:-MOST]:
            old.unlink(missing_ok=True)

    def send_waiting(self):
        """Send what waits, one by one, until one has to wait further."""
        for path in self.waiting():
            taken = path.with_suffix(".sending")
            try:
                os.utime(path)
                path.rename(taken)  # another kernel may have been faster
            except FileNotFoundError:
                continue
            if self._post(json.loads(taken.read_text(encoding="utf-8"))) == "later":
                taken.rename(path)
                return
            taken.unlink()
            time.sleep(PAUSE)

    def _take_back(self):
        """Let wait again what a kernel was sending when it was stopped."""
        for taken in self.folder.glob("*.sending"):
            if time.time() - _changed(taken) > 60:
                with suppress(FileNotFoundError):
                    taken.rename(taken.with_suffix(".json"))

    def _post(self, record):
        try:
            answer = requests.post(
                self.address,
                json=record,
                headers={"X-User-Key": self.user_key},
                timeout=PATIENCE,
                allow_redirects=False,
            )
            if 400 <= answer.status_code < 500 and answer.status_code not in AGAIN:
                return f"answer {answer.status_code}"
            return "sent" if answer.json()["status"] == "success" else "later"
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return "later"


def _changed(path):
    """Return when a file was changed; now if another kernel has just taken it away."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
