"""Small data of the documented shapes for each figure, in a module for each chapter."""

import functools
import importlib
import pkgutil

FIGURES = {
    figure_function: make_data
    for module in pkgutil.iter_modules(__path__)
    for figure_function, make_data in importlib.import_module(
        f"{__name__}.{module.name}"
    ).FIGURES.items()
}


@functools.cache
def drawn_once(figure_function):
    """Return a figure that several tests look at, and the data that it was given."""
    data = FIGURES[figure_function]()
    return figure_function(**data), data
