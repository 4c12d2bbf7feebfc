"""Numbers for the prose: computed in a cell, shown in a sentence."""

from numbers import Number

from livepage.describing import described

#: What was kept in this session, by name: the numbers of the text, as computed here.
glued = {}


def glue(name, value):
    """Keep a value under a name, so that the chapter's prose can show it.

    In a chapter the role ``glue:text`` then writes the number into a sentence when the book is
    built, in a format such as ``name:.2f``. In a notebook, where no page is being built, the text
    stays as it is, and you find the number that you computed in ``livepage.glued``.

    Parameters
    ----------
    name : str
        The name that the prose uses; one for each value of a chapter.
    value : number or str
        What is shown. A tensor or an array must hold a single number.

    Raises
    ------
    TypeError
        If the name is no text, or the value neither a number nor a text.
    """
    if not isinstance(name, str):
        raise TypeError(f"glue takes a name, such as 'best_rate', not {described(name)}")
    value = _single(name, value)
    glued[name] = value
    try:
        from myst_nb import glue as keep
    except ImportError:
        return
    keep(name, value, display=False)


def _single(name, value):
    try:
        single = value.item() if hasattr(value, "item") else value
    except Exception as error:  # what an array raises depends on whose it is
        raise TypeError(f"{name!r} is not one number but {described(value)}") from error
    if not isinstance(single, Number | str):
        raise TypeError(f"{name!r} is to be a number or a text, not {described(value)}")
    return single
