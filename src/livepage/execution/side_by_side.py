"""Execute the chapters of a build side by side, one for each processor.

Sphinx reads one page after the other, and MyST-NB executes each as it is read. Here the executions
begin before the first page is read, and a page takes the outputs of its own. The longest comes
first, so that no processor waits long for the last.
"""

import os
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from jupyter_cache import get_cache
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging

from livepage.execution import kernels

LOGGER = logging.getLogger(__name__)
SECONDS_FOR_OUTPUTS = 120  # to receive them, once a cell has ended; a busy machine has them late


class Execution:
    """One execution of a chapter.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The chapter; its outputs are filled in.
    options : dict
        What Jupyter Cache's `single_nb_execution` takes besides.

    Attributes
    ----------
    started : int
        The index of the cell that was started last, to name it if it fails, even if it kills the
        kernel.
    """

    def __init__(self, notebook, options):
        self.notebook = notebook
        self.options = options
        self.started = 0
        self._future = Future()

    def run(self):
        """Execute it here and now."""
        try:
            result = single_nb_execution(
                self.notebook,
                on_cell_start=self._note_start,
                coalesce_streams=True,  # where a kernel cuts what is printed is chance
                iopub_timeout=SECONDS_FOR_OUTPUTS,
                raise_on_iopub_timeout=True,  # by default a page would appear without them
                **self.options,
            )
        except Exception as error:
            self._future.set_exception(error)
        else:
            self._future.set_result(result)

    def result(self):
        """Wait until it is done; return its `ExecutionResult`, or raise what stopped it."""
        return self._future.result()

    def _note_start(self, cell, cell_index):
        self.started = cell_index


def start(app, env, docnames, mark):
    """Begin to execute the chapters among some pages whose outputs are not in the cache.

    Parameters
    ----------
    app : sphinx.application.Sphinx
    env : sphinx.environment.BuildEnvironment
    docnames : list of str
        The pages that will be read.
    mark : callable
        Takes a notebook and writes into its metadata what the cache is to find it by; returns what
        it depends on.

    Returns
    -------
    dict of str to Execution
        By the path of the chapter, those that were begun, in their order.
    """
    settings = env.mystnb_config
    if settings.execution_mode != "cache" or settings.execution_in_temp:
        return {}
    cache = get_cache(settings.execution_cache_path or ".jupyter_cache")
    executions, imports = {}, []
    for docname in docnames:
        path = str(env.doc2path(docname))
        notebook = _read(env, path)
        if notebook is None or settings.metadata_key in notebook.metadata:
            continue  # no code, or settings of its own: MyST-NB will see to it
        dependencies = mark(notebook)
        if not _is_cached(cache, notebook):
            options = {
                "cwd": str(Path(path).resolve().parent),
                "allow_errors": settings.execution_allow_errors,
                "timeout": settings.execution_timeout,
            }
            executions[path] = Execution(notebook, options)
            imports.append(dependencies.modules)
    if executions:
        shared = kernels.shared_imports(imports)
        _fork_kernels(executions, [*shared, *app.config.livepage_preloaded])
    longest = [str(env.doc2path(name)) for name in app.config.livepage_longest]
    executions = longest_first(executions, _seconds(cache), longest)
    _work_through(list(executions.values()), app.config.livepage_workers or _processors())
    return executions


def _fork_kernels(executions, modules):
    """Let all executions start from one process that has imported some modules."""
    kernels.prepare(modules)
    for execution in executions.values():
        execution.options["kernel_manager_class"] = kernels.ForkedKernelManager


def _read(env, path):
    text = Path(path).read_text(encoding="utf-8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    return reader.read(text) if reader else None


def _is_cached(cache, notebook):
    with suppress(KeyError):
        cache.match_cache_notebook(notebook)
        return True
    return False


def _seconds(cache):
    """Return how long each chapter that was ever executed took the last time, by its path."""
    records = sorted(cache.list_cache_records(), key=lambda record: record.pk)
    return {record.uri: record.data.get("execution_seconds", 0) for record in records}


def longest_first(executions, seconds, longest=()):
    """Return executions in the order in which to begin them, by how long each will take.

    Parameters
    ----------
    executions : dict of str to Execution
        By the path of the chapter.
    seconds : dict of str to float
        How long chapters took the last time. Of one that is not known, the length of its code
        tells, as among those that are known.
    longest : sequence of str
        Chapters that the book names as its longest. If of none of them is known how long it took,
        they come first, in this order.

    Returns
    -------
    dict of str to Execution
    """
    code = {path: _code_length(execution.notebook) for path, execution in executions.items()}
    known = [path for path in executions if path in seconds]
    speed = sum(code[path] for path in known) / (sum(seconds[path] for path in known) or 1)

    def length(path):
        return seconds.get(path, code[path] / (speed or 1))

    order = sorted(executions, key=length, reverse=True)
    named = (
        [] if seconds.keys() & set(longest) else [path for path in longest if path in executions]
    )
    return {path: executions[path] for path in dict.fromkeys([*named, *order])}


def _code_length(notebook):
    return sum(len(cell.source) for cell in notebook.cells if cell.cell_type == "code")


def _processors():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _work_through(executions, workers):
    workers = min(workers, len(executions))
    if not workers:
        return
    LOGGER.info("Executing %d chapters, %d at a time.", len(executions), workers)
    queue = SimpleQueue()
    for execution in executions:
        queue.put(execution)
    for _ in range(workers):
        # Daemons, so that an interrupted build ends at once.
        threading.Thread(target=_work, args=[queue], daemon=True).start()


def _work(queue):
    with suppress(Empty):
        while True:
            queue.get_nowait().run()
