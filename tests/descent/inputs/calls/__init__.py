"""A right call of every public function: every module here lists those of a room under ``CALLS``.

Each is a function that returns arguments by name, made afresh, since some are changed in place.
"""

import importlib
import pkgutil

CALLS = {
    function: make
    for module in pkgutil.iter_modules(__path__)
    for function, make in importlib.import_module(f"{__name__}.{module.name}").CALLS.items()
}
