"""The folder that downloads are kept in."""

import os
import secrets

from descent.data.errors import notice


class Cache:
    """Downloaded files, laid out so that ``torchvision.datasets.MNIST(root)`` finds them too.

    Parameters
    ----------
    root : pathlib.Path
        The files lie in ``MNIST/raw`` below it.
    """

    def __init__(self, root):
        self.root = root
        self._usable = True

    def keep(self, name, content):
        """Write a file, or tell once that this is impossible: the content is in memory anyway.

        Parameters
        ----------
        name : str
            File name.
        content : bytes
            What to write.
        """
        if not self._usable:
            return
        try:
            place(content, self.root / "MNIST" / "raw" / name)
        except OSError as error:
            self._usable = False
            notice(f"the cache {self.root} cannot be written ({error.strerror}), nothing is kept")


def place(content, path):
    """Write a file so that it is there as a whole or not at all, whatever happens meanwhile.

    Parameters
    ----------
    content : bytes
        What to write.
    path : pathlib.Path
        Where; its folder is made if need be.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that two processes that download at once do not write to one file.
    part = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
