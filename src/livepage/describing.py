"""Values in a few words, as errors tell of them."""

import inspect
import reprlib

PLAIN = (type(None), bool, int, float, complex, str, bytes)


def described(value):
    """Say in a few words what a value is: a number or a text itself, of an array its shape.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
    """
    if type(value) in PLAIN:
        return reprlib.repr(value)
    if inspect.isclass(value):
        return f"the class {value.__name__}"
    shape = getattr(value, "shape", None)
    of_shape = f" of shape {tuple(shape)}" if isinstance(shape, tuple) else ""
    return f"an object of type {type(value).__name__}{of_shape}"
