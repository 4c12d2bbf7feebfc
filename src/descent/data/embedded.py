"""The digits that need no network: scikit-learn's, scaled to the size of MNIST's."""

import gzip
import hashlib
import zlib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

import numpy as np
import torch
from torch.nn.functional import interpolate, pad

N_TRAIN = 1_500
TABLE = "sklearn/datasets/data/digits.csv.gz"  # 64 pixels and a label on each line
SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


@cache
def embedded_digits():
    """Return scikit-learn's 1,797 handwritten digits as images of 28 x 28 pixels.

    The order is scikit-learn's: the first 1,500 are for training, the last 297 for testing. No
    random number is drawn.

    Returns
    -------
    tuple of numpy.ndarray
        Training images, training labels, test images and test labels, all uint8; images have
        shape (n, 28, 28), with 0 for paper and 255 for ink, labels have shape (n,).

    Notes
    -----
    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository, 1998, of which scikit-learn bundles the test part.
    """
    originals, labels = _read_table() or _ask_scikit_learn()
    images, labels = enlarge(originals), labels.astype(np.uint8)
    return images[:N_TRAIN], labels[:N_TRAIN], images[N_TRAIN:], labels[N_TRAIN:]


def _read_table():
    """Read images and labels where scikit-learn keeps them; None if they are not as they were.

    Importing scikit-learn takes longer than all else that a chapter's first cell does.
    """
    try:
        text = gzip.decompress(distribution("scikit-learn").locate_file(TABLE).read_bytes())
    except (PackageNotFoundError, OSError, EOFError, zlib.error):
        return None
    if hashlib.sha256(text).hexdigest() != SHA256:
        return None
    table = np.loadtxt(text.decode().splitlines(), delimiter=",")
    return table[:, :-1].reshape(-1, 8, 8), table[:, -1]


def _ask_scikit_learn():
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images, digits.target


def enlarge(images):
    """Scale images of 8 x 8 pixels to 28 x 28.

    Parameters
    ----------
    images : numpy.ndarray
        Shape (n, 8, 8), with 0 for paper to 16 for ink.

    Returns
    -------
    numpy.ndarray
        Shape (n, 28, 28), of type uint8, with 0 for paper to 255 for ink.
    """
    ink = torch.from_numpy(images)[:, None] / 16
    # These digits touch their frame. With a pixel of paper around them their edges fade out as
    # smoothly as the rest, and on 26 pixels a digit is 21 pixels high: MNIST's are 20.
    framed = pad(ink, (1, 1, 1, 1))
    smooth = interpolate(framed, size=(26, 26), mode="bicubic", align_corners=False)
    centred = pad(smooth, (1, 1, 1, 1))
    return (centred * 255).round().clamp(0, 255).to(torch.uint8)[:, 0].numpy()
