"""The digits as torchvision's MNIST. Importing this module imports torchvision."""

import importlib
import sys

import torch

# Operators that are declared vanish when the object that declared them does.
_declared = []


def import_torchvision():
    """Import torchvision, also where its compiled half does not fit the torch beside it.

    Beside a CPU-only torch, the wheel on PyPI cannot load its compiled operators, and then fails
    to import because two of them are not even declared. Data sets and transforms use none of
    them, so declaring the two is enough.

    Returns
    -------
    module
        torchvision.

    Raises
    ------
    ImportError, RuntimeError
        If it cannot be imported for another reason.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::nms does not exist" not in str(error):
            raise
    _declare_operators()
    _forget("torchvision")
    return importlib.import_module("torchvision")


def _declare_operators():
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.append(library)


def _forget(package):
    """Drop the modules that a failed import left behind, so that the next one starts afresh."""
    for name in list(sys.modules):
        if name == package or name.startswith(f"{package}."):
            del sys.modules[name]


torchvision = import_torchvision()


class DigitSet(torchvision.datasets.MNIST):
    """Digits already read and checked, as an instance of torchvision's MNIST.

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

    Attributes
    ----------
    data : torch.Tensor
        The images: uint8 of shape (n, 28, 28), or float32, normalised, after `change_tensors`.
    targets : torch.Tensor
        The labels: int64 of shape (n,).
    mean, std : float
        What the pixels, scaled to [0, 1], are normalised with; set by `normalise`.
    """

    def __init__(self, images, labels, train, dataset_name):
        # Not MNIST's own initialiser, which would read and download files.
        torchvision.datasets.VisionDataset.__init__(self, root=None)
        self.train = train
        self.dataset_name = dataset_name
        self.data = torch.tensor(images)
        self.targets = torch.tensor(labels, dtype=torch.int64)

    def __getitem__(self, index):
        """Return one normalised image, a float32 tensor of shape (1, 28, 28), and its label."""
        if not self.data.is_floating_point():
            return super().__getitem__(index)
        image, target = self.data[index].clone()[None], int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def normalise(self, mean, std):
        """Have `__getitem__` normalise the images.

        Parameters
        ----------
        mean, std : float
            Of the training set's pixels, scaled to [0, 1].
        """
        transforms = torchvision.transforms
        self.mean, self.std = mean, std
        self.transform = transforms.Compose(
            [transforms.ToTensor(), transforms.Normalize((mean,), (std,))]
        )

    def change_tensors(self):
        """Replace `data` by the normalised float32 images; `__getitem__` returns the same."""
        self.data = self.data.float().div_(255).sub_(self.mean).div_(self.std)
        self.transform = None


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
