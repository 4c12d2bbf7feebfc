"""Collect feedback: a Datatops server for one project, and what came, to read.

``python -m livepage.readers.collect serve FOLDER PROJECT`` serves, and
``... read FOLDER/PROJECT.keys.json`` prints what came. It is the server of the package datatops,
with four things that it leaves to others: pages of other sites may send, only the admin key may
read, what comes at the same moment or twice is kept once each, and nobody else makes projects.
"""

import argparse
import json
import secrets
import sys
import textwrap
from collections import Counter
from pathlib import Path
from threading import Lock

from datatops import Project
from datatops.config import ADMIN_KEY_HEADER, DATATOPS_TIMESTAMP_KEY, USER_KEY_HEADER
from datatops.server import DatatopsServer
from datatops.server.backend.jsonfilebackend import JSONFileBackend

LARGEST = 64 * 1024  # bytes of a message
ALLOWED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": f"Content-Type, {USER_KEY_HEADER}",
    "Access-Control-Max-Age": "7200",
}
FACES = {"happy": "good", "medium": "so-so", "sad": "not good"}


class Backend(JSONFileBackend):
    """A folder of JSON files that takes one message at a time, and each only once."""

    def __init__(self, path):
        super().__init__(path)
        self.lock = Lock()

    def store(self, project, user_key, admin_key, data):
        """Store a message, unless it is there already; tell whether the key allows that."""
        with self.lock:
            if not self.is_authorized_to_write(project, user_key, admin_key):
                return False
            name = data.get("feedback_id")
            stored = self._read_json(self.path / f"{project}.json")["records"]
            if name and any(record.get("feedback_id") == name for record in stored):
                return True
            return super().store(project, user_key, admin_key, data)

    def is_authorized_to_read(self, project, user_key, admin_key):
        """Tell whether the admin key is right; the user key is in the pages, where all see it."""
        return admin_key is not None and super().is_authorized_to_read(project, None, admin_key)

    def _write_json(self, path, data):
        new = path.with_suffix(".new")
        super()._write_json(new, data)
        new.replace(path)  # a server that is stopped here leaves the old file whole


def make_app(folder, project, url):
    """Return the server as a WSGI application, and the keys of its project.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where feedback is kept, and the keys in ``PROJECT.keys.json``.
    project : str
        Its name. It is made when the folder does not have it.
    url : str
        Where readers reach the server.

    Returns
    -------
    flask.Flask
        The application, to run with any WSGI server in one process.
    datatops.Project
        With ``user_key`` and ``admin_key``.
    """
    backend = Backend(Path(folder) / "data")
    server = DatatopsServer(backend, project_creation_secret=secrets.token_hex())
    file = Path(folder) / f"{project}.keys.json"
    if not file.exists():
        made = backend.create_project(project)
        if not made:
            raise FileNotFoundError(
                f"{folder} has the project {project!r}, but not its keys, {file.name}. Bring that "
                "file back, or choose another name"
            )
        file.touch(mode=0o600)
        Project(project, made["admin_key"], made["user_key"], url).save_json(file)
    server.app.config["MAX_CONTENT_LENGTH"] = LARGEST
    server.app.after_request(_allow_other_sites)
    return server.app, Project.from_json(file)


def _allow_other_sites(response):
    response.headers.update(ALLOWED)
    return response


def settings(project):
    """Return the lines of ``_config.yml`` that send feedback to a project."""
    lines = {"url": project.url, "project": project.name, "user_key": project.user_key}
    return "livepage_feedback:\n" + "\n".join(f'  {name}: "{lines[name]}"' for name in lines)


def read(project):
    """Return what a project has received, each message once, the oldest first.

    Parameters
    ----------
    project : datatops.Project
        With its ``url`` and ``admin_key``.
    """
    headers = {ADMIN_KEY_HEADER: project.admin_key}
    address = f"{project.url.rstrip('/')}/api/v1/projects/{project.name}"
    answer = project._get(address, headers=headers, timeout=30)
    if answer.get("status") != "success":
        raise PermissionError(
            f"{project.url} did not give what it has of {project.name}. Is the admin key right?"
        )
    found = {}
    for place, record in enumerate(answer["data"]):
        found.setdefault(str(record.get("feedback_id", place)), record)
    return sorted(found.values(), key=lambda record: str(record.get(DATATOPS_TIMESTAMP_KEY)))


def summary(records):
    """Return records as a text: for each section how often each face was chosen, and the texts."""
    sections = {}
    for record in records:
        sections.setdefault(str(record.get("section_id")), []).append(record)
    return "\n\n".join(_section(name, sections[name]) for name in sorted(sections))


def _section(name, records):
    chosen = Counter(_face(record) for record in records)
    counts = ", ".join(f"{count} {face}" for face, count in chosen.most_common())
    texts = [
        f"  {_plain(str(record.get('timestamp_utc'))[:16])}  {_face(record)}: "
        f"{_plain(str(record['feedback']))}"
        for record in records
        if record.get("feedback")
    ]
    return "\n".join([f"{_plain(name)}: {counts}", *texts])


def _face(record):
    name = str(record.get("button_name"))
    return FACES.get(name, _plain(name))


def _plain(text):
    """Return a text on one line, without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def main(arguments=None):
    """Serve, or print what came."""
    parser = argparse.ArgumentParser(
        prog="python -m livepage.readers.collect", description=main.__doc__
    )
    actions = parser.add_subparsers(dest="action", required=True)
    serving = actions.add_parser("serve", help="run the server of a project")
    serving.add_argument("folder", type=Path, help="where feedback and keys are kept")
    serving.add_argument("project", help="a name of your choice, such as course-2026")
    serving.add_argument("--url", help="where readers reach it; this machine if left out")
    serving.add_argument("--port", type=int, default=5001)
    reading = actions.add_parser("read", help="print what came")
    reading.add_argument("keys", type=Path, help="the file PROJECT.keys.json that the server wrote")
    reading.add_argument("--json", action="store_true", help="all fields, as JSON")
    given = parser.parse_args(arguments)
    if given.action == "read":
        records = read(Project.from_json(given.keys))
        print(json.dumps(records, indent=1) if given.json else summary(records))
        return 0
    url = given.url or f"http://127.0.0.1:{given.port}"
    app, project = make_app(given.folder, given.project, url)
    print("For _config.yml, under sphinx: config:")
    print(textwrap.indent(settings(project), "    "), flush=True)
    app.run(host="127.0.0.1", port=given.port)  # a proxy before it brings HTTPS
    return 0


if __name__ == "__main__":
    sys.exit(main())
