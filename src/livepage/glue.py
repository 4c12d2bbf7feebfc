"""Numbers for the prose: computed in a cell, shown in a sentence."""


def glue(name, value):
    """Keep a value under a name, so that the chapter's prose can show it.

    In a chapter the role ``glue:text`` then writes the number into a sentence when the book is
    built, in a format such as ``name:.2f``. In a notebook, where no page is being built, the call
    does nothing.

    Parameters
    ----------
    name : str
        The name that the prose uses; one for each value of a chapter.
    value : number or str
        What is shown. A tensor or an array must hold a single number.
    """
    try:
        from myst_nb import glue as keep
    except ImportError:
        return
    keep(name, value.item() if hasattr(value, "item") else value, display=False)
