"""Kernels that start at once: forked from one process that has imported what chapters share.

Importing PyTorch and a book's own packages takes seconds, in the kernel of each chapter anew. Here
it is done once. Each chapter still has a process of its own, in which nothing was executed before.
"""

import atexit
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import threading
import uuid
from collections import Counter
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path

import yaml
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from livepage.execution.dependencies import imported_modules

NAMES = "LIVEPAGE_IMPORTS"  # the modules to import beforehand, for `livepage.execution.preloading`
BACKEND = "module://matplotlib_inline.backend_inline"  # as ipykernel sets it, before matplotlib
PAGE = re.compile(r"^[ -]*(?:root|file): *(\S+)", re.MULTILINE)  # in a table of contents
IMPORT = re.compile(r"^(?:import|from) .+$", re.MULTILINE)


def setup(app):
    """Register with Sphinx what else is imported once for all chapters."""
    app.add_config_value("livepage_preloaded", [], "")


def import_early(folder):
    """Begin to import what the chapters of a book share, while Sphinx is not even loaded yet.

    Parameters
    ----------
    folder : pathlib.Path
        The book's folder. Its pages are only looked through for lines that import.
    """
    names = PAGE.findall((folder / "_toc.yml").read_text(encoding="utf-8"))
    pages = [path for name in names if (path := folder / f"{name}.md").is_file()]
    settings = yaml.safe_load((folder / "_config.yml").read_text(encoding="utf-8"))
    settings = (settings.get("sphinx") or {}).get("config") or {}
    prepare([*shared_imports(map(_imports_of, pages)), *settings.get("livepage_preloaded", [])])
    forkserver.ensure_running()


def _imports_of(page):
    modules = set()
    for line in IMPORT.findall(page.read_text(encoding="utf-8")):
        with suppress(SyntaxError):  # a sentence, or one line of several
            modules |= imported_modules(line)
    return modules


def shared_imports(imports):
    """Return the modules that at least two chapters import.

    Parameters
    ----------
    imports : iterable of set of str
        What each chapter may import, as from `livepage.execution.dependencies.imported_modules`.

    Returns
    -------
    list of str
        In order.
    """
    counts = Counter(name for modules in imports for name in modules)
    return sorted(name for name, count in counts.items() if count > 1)


def prepare(modules):
    """Say what the process is to import that kernels are forked from; it starts with the first.

    Parameters
    ----------
    modules : list of str
        Dotted names. What is no module, or cannot be imported, is left to the chapter.
    """
    os.environ[NAMES] = ",".join(modules)
    os.environ.setdefault("MPLBACKEND", BACKEND)
    # Kernels inherit this. With one thread each they do not take the processors from each other,
    # and sums have one order: the numbers do not depend on how many chapters are executed.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    multiprocessing.set_forkserver_preload(["livepage.execution.preloading"])


class ForkedKernelManager(AsyncKernelManager):
    """Starts the kernels of Python that ipykernel runs by forking, and all others as ever.

    They are spoken to through files: a port that is free when it is chosen may be taken by another
    program before the kernel does.
    """

    async def _async_pre_start_kernel(self, **options):
        self._sockets = tempfile.TemporaryDirectory(prefix="kernel-")  # nobody else may open it
        self.transport, self.ip = "ipc", str(Path(self._sockets.name, "socket"))
        if self.provisioner is None and "ipykernel_launcher" in self.kernel_spec.argv:
            self.kernel_id = self.kernel_id or str(uuid.uuid4())
            names = {"kernel_id": self.kernel_id, "kernel_spec": self.kernel_spec}
            self.provisioner = Forked(parent=self, **names)
        return await super()._async_pre_start_kernel(**options)


class Forked(LocalProvisioner):
    """Provides a kernel by forking."""

    async def launch_kernel(self, cmd, **options):
        """Start the kernel that a command line asks for; return how to connect to it."""
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        folder = str(options.get("cwd") or Path.cwd())
        self.process = Kernel(arguments, dict(options["env"]), folder)
        self.pid = self.pgid = self.process.pid  # it leads a group of its own
        self.cwd = folder
        return self.connection_info


class Kernel:
    """The process of a kernel, with what `subprocess.Popen` offers as far as it is asked for."""

    stdin = stdout = stderr = None

    def __init__(self, arguments, environment, folder):
        context = multiprocessing.get_context("forkserver")
        self._process = context.Process(target=_run, args=(arguments, environment, folder))
        self._process.start()
        self.pid = self._process.pid
        atexit.register(self.kill)

    def poll(self):
        """Return the exit status, or None while it runs."""
        return self._process.exitcode

    def wait(self):
        """Wait until it has ended; return the exit status."""
        self._process.join()
        atexit.unregister(self.kill)
        return self._process.exitcode

    def send_signal(self, number):
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self):
        """End it."""
        self.send_signal(signal.SIGKILL)


def _run(arguments, environment, folder):
    """Be a kernel, in a process that was just forked."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.environ.pop(NAMES, None)
    os.chdir(folder)
    threading.Thread(target=_end_with_the_build, daemon=True).start()
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *arguments]
    # It has a parent, so it need not say how to connect to it; who that is, we watch ourselves.
    IPKernelApp.launch_instance([*arguments, "--IPKernelApp.parent_handle=1"])


def _end_with_the_build():
    """End this kernel and all that it has started when the build is gone, however it ended."""
    wait([multiprocessing.parent_process().sentinel])
    os.killpg(0, signal.SIGKILL)
