"""Numbers for the prose: computed in a cell, shown in a sentence."""

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
    """
    value = value.item() if hasattr(value, "item") else value
    glued[name] = value
    try:
        from myst_nb import glue as keep
    except ImportError:
        return
    keep(name, value, display=False)
