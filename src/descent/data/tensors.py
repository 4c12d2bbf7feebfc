"""The digits as normalised tensors, which is what most chapters compute with."""

import torch
from torch.utils.data import Dataset


class TensorDigits(Dataset):
    """Digits already read and checked, normalised once and for all.

    Parameters
    ----------
    images : numpy.ndarray
        Shape (n, 28, 28), of type uint8; copied.
    labels : numpy.ndarray
        Shape (n,); copied.
    train : bool
        Whether this is the training set.
    dataset_name : str
        What to call the data on a page.
    mean, std : float
        What the pixels, scaled to [0, 1], are normalised with: those of the training set.

    Attributes
    ----------
    data : torch.Tensor
        The normalised images: float32 of shape (n, 28, 28).
    targets : torch.Tensor
        The labels: int64 of shape (n,).
    transform, target_transform : callable or None
        What an item's image and label go through, as in torchvision's data sets.
    """

    def __init__(self, images, labels, train, dataset_name, mean, std):
        self.train = train
        self.dataset_name = dataset_name
        self.mean, self.std = mean, std
        self.data = torch.tensor(images).float().div_(255).sub_(mean).div_(std)
        self.targets = torch.tensor(labels, dtype=torch.int64)
        self.transform = self.target_transform = None

    def __len__(self):
        """Return the number of images."""
        return len(self.data)

    def __getitem__(self, index):
        """Return one normalised image, a float32 tensor of shape (1, 28, 28), and its label."""
        image, target = self.data[index].clone()[None], int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target


def mean_and_std(images):
    """Return mean and standard deviation of the pixels of uint8 images, scaled to [0, 1].

    Parameters
    ----------
    images : torch.Tensor
        Of type uint8, any shape.

    Returns
    -------
    (float, float)
        Exact to double precision, because they are computed from how often each value occurs.
    """
    counts = torch.bincount(images.flatten(), minlength=256).double()
    values = torch.arange(256).double() / 255
    mean = (counts @ values) / counts.sum()
    variance = (counts @ (values - mean).square()) / counts.sum()
    return mean.item(), variance.sqrt().item()
