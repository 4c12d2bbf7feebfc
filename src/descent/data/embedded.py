"""The digits that need no network: scikit-learn's, scaled to the size of MNIST's."""

from functools import cache

import numpy as np
import torch
from torch.nn.functional import interpolate, pad

N_TRAIN = 1_500


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
    from sklearn.datasets import load_digits

    digits = load_digits()
    images, labels = enlarge(digits.images), digits.target.astype(np.uint8)
    return images[:N_TRAIN], labels[:N_TRAIN], images[N_TRAIN:], labels[N_TRAIN:]


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
