"""Execute chapters: again only when something has changed, and with a place for every fault."""

from dataclasses import dataclass
from pathlib import Path

import myst_nb.core.execute.cache
from myst_nb.core.execute.base import ExecutionError
from myst_nb.core.execute.cache import NotebookClientCache
from nbclient.exceptions import CellExecutionError
from sphinx.errors import ConfigError
from sphinx.util import logging

from livepage.execution import side_by_side
from livepage.execution.dependencies import fingerprint, imported_modules

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dependencies:
    """What one chapter imports, and the fingerprint of all that when it was last read."""

    modules: frozenset
    fingerprint: str


def setup(app):
    """Register with Sphinx: its settings, and the executing client of MyST-NB made stricter."""
    app.add_config_value("livepage_packages", [], "env", [list])
    app.add_config_value("livepage_variables", [], "env", [list])
    app.add_config_value("livepage_workers", 0, "", [int])  # chapters at a time; 0: processors
    app.add_config_value("livepage_longest", [], "", [list])
    app.connect("config-inited", _use_own_client)
    app.connect("env-get-outdated", _chapters_to_read_again)
    app.connect("env-before-read-docs", _execute_side_by_side)
    app.connect("doctree-read", _remember_dependencies)
    app.connect("env-purge-doc", _forget_dependencies)


class Client(NotebookClientCache):
    """MyST-NB's cached execution, whose cache also knows what a chapter depends on."""

    packages = ()
    variables = ()
    seen = {}  # noqa: RUF012 - one build has one record of the chapters that it read
    begun = {}  # noqa: RUF012 - and of those that are executed already
    started = 0  # index of the cell that was started last

    def start_client(self):
        """Take the outputs from the cache or execute the chapter; name the cell that fails."""
        self.seen[str(self.path)] = self.mark(self.notebook)
        # MyST-NB looks the function up in its module.
        myst_nb.core.execute.cache.single_nb_execution = self._execute
        try:
            super().start_client()
        except Exception as error:
            self._report(error)
            raise

    @classmethod
    def mark(cls, notebook):
        """Let the cache, which compares code and kernelspec, see what else a notebook needs."""
        dependencies = cls._dependencies(notebook)
        kernelspec = notebook.metadata.setdefault("kernelspec", {})
        kernelspec["depends_on"] = dependencies.fingerprint
        return dependencies

    @classmethod
    def _dependencies(cls, notebook):
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        try:
            modules = frozenset(imported_modules("\n".join(cells)))
        except SyntaxError:
            modules = frozenset(cls.packages)  # the kernel will show the mistake in its cell
        return Dependencies(modules, fingerprint(modules, cls.packages, cls.variables))

    def _execute(self, notebook, **options):
        execution = self.begun.pop(str(self.path), None)
        if execution is None:
            execution = side_by_side.Execution(notebook, options)
            execution.run()
        try:
            return execution.result()
        finally:
            notebook.update(execution.notebook)
            self.started = execution.started

    def _report(self, error):
        cells = self.notebook.cells[: self.started + 1]
        number = sum(cell.cell_type == "code" for cell in cells)
        self.logger.error(
            f"code cell {number}: {_what_happened(cells[-1], error)}",
            subtype="cell",
            line=self.cell_line(self.started),
        )


def _what_happened(cell, error):
    """Return in one line what a cell raised, or what else stopped it."""
    cause = error.__cause__ if isinstance(error, ExecutionError) else error
    raised = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    if raised and isinstance(cause, CellExecutionError):
        return " ".join(f"{raised[0].ename}: {raised[0].evalue}".split())
    return " ".join(f"{type(cause).__name__}: {cause}".splitlines()[0].split())


def _use_own_client(app, config):
    if not hasattr(myst_nb.core.execute, "NotebookClientCache"):
        raise ConfigError("livepage does not know this version of myst-nb: install one below 2")
    Client.packages = tuple(config.livepage_packages)
    Client.variables = tuple(config.livepage_variables)
    Client.seen = {}
    Client.begun = {}
    myst_nb.core.execute.NotebookClientCache = Client


def _execute_side_by_side(app, env, docnames):
    """Begin the executions; read the pages without one first, and the others as they are done."""
    Client.begun.update(side_by_side.start(app, env, docnames, Client.mark))
    ranks = {path: rank for rank, path in enumerate(Client.begun)}
    docnames.sort(key=lambda docname: ranks.get(str(env.doc2path(docname)), -1))


def _recorded(env):
    if not hasattr(env, "livepage_dependencies"):
        env.livepage_dependencies = {}
    return env.livepage_dependencies


def _chapters_to_read_again(app, env, added, changed, removed):
    """Return the chapters for which something that they import has changed."""
    changed = [
        docname
        for docname, known in _recorded(env).items()
        if fingerprint(known.modules, Client.packages, Client.variables) != known.fingerprint
    ]
    if changed:
        LOGGER.info("Something that they import has changed: %s", ", ".join(sorted(changed)))
    return changed


def _remember_dependencies(app, doctree):
    path = str(Path(app.env.doc2path(app.env.docname)))
    if path in Client.seen:
        _recorded(app.env)[app.env.docname] = Client.seen[path]


def _forget_dependencies(app, env, docname):
    _recorded(env).pop(docname, None)
