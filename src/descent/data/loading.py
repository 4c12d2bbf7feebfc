"""The training and the test set that chapters work with."""

from descent.data import files
from descent.data.errors import DataError, notice
from descent.data.sources import ADVICE, find_mnist, read_settings

# torch, torchvision and scikit-learn are imported where they are needed: together they take
# seconds, and `python -m descent.data` needs none of them.

_mnist = {}  # arrays by (folder, cache): what this process has read already
_absent = set()  # (folder, cache) where this process has found no MNIST


def load_mnist_data(change_tensors=False, download=False):
    """Load training and test set, normalised with the training set's mean and deviation.

    The environment says where the data come from. ``DESCENT_DATASET=mnist`` takes MNIST from the
    folder ``DESCENT_DATA_DIR``, else from the cache, else from the network; ``digits`` takes the
    embedded digits; ``auto``, the default, takes MNIST and, where there is none, the embedded
    digits.

    Parameters
    ----------
    change_tensors : bool
        Whether the sets' ``data`` are normalised float32 tensors of shape (n, 28, 28), for
        computing with all of them, or the images as they are, in uint8. Indexing and
        ``DataLoader`` give the same numbers either way.
    download : bool
        Insist on MNIST: under ``auto`` it is then an error that none is to be had, and a failed
        search is tried again. A good copy at hand is not downloaded again, and a missing one is
        downloaded without this too, so that the default suffices everywhere.

    Returns
    -------
    train_set, test_set : descent.data.vision.DigitSet or descent.data.tensors.TensorDigits
        Instances of ``torchvision.datasets.MNIST``; if changed, of ``torch.utils.data.Dataset``,
        for importing torchvision takes seconds. They have ``data`` of shape (n, 28, 28) and
        ``targets`` of shape (n,), in int64. An item is a normalised float32 image of shape
        (1, 28, 28) and an int. ``dataset_name``, ``mean`` and ``std`` say which data they are and
        how they were normalised. They share no memory with earlier results.

    Raises
    ------
    DataError
        If MNIST is asked for and cannot be had; the message says what to do.
    """
    import torch

    from descent.data.tensors import TensorDigits, mean_and_std

    name, (images, labels, test_images, test_labels) = _read_arrays(must_be_mnist=download)
    mean, std = mean_and_std(torch.tensor(images))
    kind = TensorDigits if change_tensors else _torchvision_kind()
    train_set = kind(images, labels, True, name, mean, std)
    test_set = kind(test_images, test_labels, False, name, mean, std)
    return train_set, test_set


def _torchvision_kind():
    from descent.data.vision import DigitSet

    return DigitSet


def resolve():
    """Find out which data this environment leads to, checking MNIST's files.

    Returns
    -------
    str
        "mnist" or "digits".

    Raises
    ------
    DataError
        If MNIST is asked for and cannot be had.
    """
    return "digits" if _find(must_be_mnist=False) is None else "mnist"


def describe(train_set, test_set):
    """Say in Markdown which data a page shows.

    Parameters
    ----------
    train_set, test_set : torch.utils.data.Dataset
        What `load_mnist_data` returned.

    Returns
    -------
    str
        One paragraph; it says so where the data stand in for MNIST.
    """
    n_train, n_test = len(train_set), len(test_set)
    split = f"{n_train:,} training and {n_test:,} test images"
    if train_set.dataset_name == "MNIST":
        return f"Data on this page: **MNIST**, {split} (LeCun et al.)."
    rows, columns = train_set.data.shape[1:]
    return (
        f"Data on this page: the **embedded digits**, scikit-learn's {n_train + n_test:,} "
        f"handwritten digits, scaled to {rows} × {columns}; {split}. They stand in for MNIST "
        "because no copy of it was found or `DESCENT_DATASET=digits` was set. Set "
        "`DESCENT_DATA_DIR` to a folder with MNIST's four files to build this page from MNIST."
    )


def show_data_notice(train_set, test_set):
    """Display which data a page shows; see `describe`.

    Parameters
    ----------
    train_set, test_set : torch.utils.data.Dataset
        What `load_mnist_data` returned.
    """
    from IPython.display import Markdown, display

    display(Markdown(describe(train_set, test_set)))


def _read_arrays(must_be_mnist):
    """Return the data's name and its four arrays."""
    arrays = _find(must_be_mnist)
    if arrays is not None:
        return "MNIST", arrays
    from descent.data.embedded import embedded_digits

    return "embedded digits", embedded_digits()


def _find(must_be_mnist):
    """Return MNIST's four arrays, or None where the embedded digits are to be used."""
    settings = read_settings()
    if settings.dataset == "digits":
        return None
    place = settings.folder, settings.cache
    must_be_mnist = must_be_mnist or settings.dataset == "mnist"
    if place in _mnist:
        return _mnist[place]
    if place in _absent and not must_be_mnist:
        return None
    try:
        contents = find_mnist(settings)
    except DataError:
        if must_be_mnist:
            raise
        notice(f"no copy of MNIST was found, so the embedded digits are used; for MNIST, {ADVICE}")
        _absent.add(place)
        return None
    _mnist[place] = tuple(files.parse(contents[file.name], file) for file in files.MNIST_FILES)
    return _mnist[place]
