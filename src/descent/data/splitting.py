"""A validation set, taken from the training set."""

import copy


def split_validation(train_set, seed, share=1 / 6):
    """Split a training set at random into one to learn from and one to choose by.

    Of MNIST's 60,000 training images, one sixth leaves 50,000 to learn from. The images are drawn
    without the global random numbers, so the split depends on the seed alone.

    Parameters
    ----------
    train_set : torch.utils.data.Dataset
        From `load_mnist_data`, with changed tensors or without.
    seed : int
        The same seed gives the same split.
    share : float
        The share of the images that goes into the validation set, rounded to whole images.

    Returns
    -------
    fit_set, val_set : torch.utils.data.Dataset
        Of the same type. Every image is in one of the two. Both are normalised as ``train_set``
        is, and share no memory with it.

    Raises
    ------
    ValueError
        If one of the two would be empty.
    """
    import torch  # here, as in `descent.data.loading`

    n = len(train_set)
    n_val = round(share * n)
    if not 0 < n_val < n:
        raise ValueError(
            f"a share of {share:g} puts {n_val} of {n} images into the validation set; "
            "choose a share between 0 and 1 that leaves both sets at least one image"
        )
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    return _subset(train_set, order[n_val:]), _subset(train_set, order[:n_val])


def _subset(digit_set, indices):
    """Return a set of its own with some of the images."""
    subset = copy.copy(digit_set)
    subset.data = digit_set.data[indices]
    subset.targets = digit_set.targets[indices]
    return subset
