"""How trouble with the data is told: in an error where it ends the work, else in a notice."""

import sys


class DataError(Exception):
    """The digits are missing or are not what they should be.

    Parameters
    ----------
    message : str
        One sentence: what is wrong, what was expected and what to do.
    summary : str, optional
        What is wrong in a few words, for a list of failures; ``message`` where left out.
    """

    def __init__(self, message, summary=None):
        super().__init__(message)
        self.summary = summary or message


class MissingFileError(DataError):
    """There is no such file, which for most places to look in is no news."""


def notice(text):
    """Tell something in one line on stderr.

    Parameters
    ----------
    text : str
        What to tell.
    """
    line = " ".join(str(text).splitlines())
    print("descent.data:", line, file=sys.stderr, flush=True)
