"""Errors that say which argument is wrong, and what it should be.

Each public function promises in its docstring what its arguments are. When a call fails, and no
check of the function's own has said why, its arguments are held against that promise. What succeeds
costs no time, and the functions stay free of checks that only repeat their docstrings.
"""

import functools
import inspect
import sys

__all__ = ["explain_errors", "explained"]


def explain_errors(room):
    """Have the public functions and classes of a room tell which argument made them fail.

    Parameters
    ----------
    room : str
        The name of a module that is being imported, whose functions are all there. Public are
        those in its ``__all__``, or else those that it defines.
    """
    names = vars(sys.modules[room])
    for name in names.get("__all__", [name for name in names if not name.startswith("_")]):
        value = names.get(name)
        home = getattr(value, "__module__", None) or ""
        if home != room and not home.startswith(f"{room}."):
            continue
        if inspect.isfunction(value):
            # In the module that defines it too, where pickle looks for it.
            names[name] = vars(sys.modules[home])[name] = explained(value)
        elif inspect.isclass(value) and "Parameters\n---" in (inspect.getdoc(value) or ""):
            value.__init__ = explained(value.__init__, value)


def explained(function, documented=None):
    """Return a function that does the same, and tells which argument made it fail.

    Parameters
    ----------
    function : callable
        Its own errors, and those of functions that the caller gave it, are left as they are.
    documented : callable, optional
        What has the docstring, if not the function: the class of an ``__init__``.

    Returns
    -------
    callable
        It raises a TypeError for an argument that is not what the docstring says, a ValueError
        if all are and the call fails nevertheless.
    """
    documented = documented or function

    @functools.wraps(function)
    def call(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Exception as error:
            from descent.arguments.errors import clearer  # here: it takes PyTorch, and that seconds

            told = clearer(error, function, documented, args, kwargs)
            if told is None:
                raise
            raise told from error

    return call
