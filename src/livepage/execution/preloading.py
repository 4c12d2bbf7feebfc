"""Importing this module imports those that an environment variable names.

It is run in the process that kernels are forked from. See `livepage.execution.kernels`.
"""

import gc
import importlib
import os
from contextlib import suppress

for name in os.environ.get("LIVEPAGE_IMPORTS", "").split(","):
    # What cannot be imported here, fails in its chapter, and is told with its cell.
    with suppress(Exception):
        importlib.import_module(name)

# Each kernel shares this memory as long as nobody writes to it; the collector would.
gc.freeze()
