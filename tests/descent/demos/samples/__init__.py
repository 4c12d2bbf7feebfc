"""Calls of all demos with little data: every module here lists its own under ``DEMOS``."""

import importlib
import pkgutil

DEMOS = {
    name: make
    for module in pkgutil.iter_modules(__path__)
    for name, make in importlib.import_module(f"{__name__}.{module.name}").DEMOS.items()
}
