"""Citations set fast: pybtex looks through all installed packages for each entry it formats."""

from functools import cache
from importlib.metadata import distributions

from pybtex.plugin import register_plugin


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", lambda app: _register_plugins())


@cache
def _register_plugins():
    """Tell pybtex once which plugins are installed; it asks what it was told first."""
    found = [entry for package in distributions() for entry in package.entry_points]
    for entry in found:
        if entry.group.startswith("pybtex."):
            register_plugin(entry.group, entry.name, entry.load(), force=True)
