"""More training images out of those at hand: the same digits, a pixel to the side."""

import torch


def shift_images(images, pixels=1):
    """Move each image by a random number of pixels, across and down.

    The label of a shifted digit stays what it was, so each epoch sees images that are new and
    right. What a shift uncovers is filled with paper, the smallest value of all.

    Parameters
    ----------
    images : torch.Tensor
        Shape (n, height, width).
    pixels : int
        Each of the two shifts is a whole number drawn from ``-pixels`` to ``pixels``.

    Returns
    -------
    torch.Tensor
        New images of the same shape.

    Raises
    ------
    ValueError
        If the images have other than three dimensions, or ``pixels`` is negative or so large
        that nothing of an image need be left.
    """
    if images.dim() != 3 or not 0 <= pixels < min(images.shape[1:]):
        raise ValueError(
            "shift_images takes images of shape (n, height, width) and a number of pixels from 0 "
            f"to less than either side, not shape {tuple(images.shape)} and {pixels} pixels"
        )
    n, height, width = images.shape
    framed = torch.nn.functional.pad(images, [pixels] * 4, value=images.min().item())
    windows = framed.unfold(1, height, 1).unfold(2, width, 1)
    tops, lefts = torch.randint(2 * pixels + 1, (2, n), device=images.device)
    return windows[torch.arange(n, device=images.device), tops, lefts]
