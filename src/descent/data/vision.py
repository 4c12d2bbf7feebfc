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
    images, labels, train, dataset_name, mean, std
        As for `descent.data.tensors.TensorDigits`.

    Attributes
    ----------
    data : torch.Tensor
        The images as they are: uint8 of shape (n, 28, 28). An item is a normalised float32 image
        of shape (1, 28, 28) and its label, an int.
    targets : torch.Tensor
        The labels: int64 of shape (n,).
    """

    def __init__(self, images, labels, train, dataset_name, mean, std):
        transforms = torchvision.transforms
        normalise = [transforms.ToTensor(), transforms.Normalize((mean,), (std,))]
        # Not MNIST's own initialiser, which would read and download files.
        torchvision.datasets.VisionDataset.__init__(
            self, root=None, transform=transforms.Compose(normalise)
        )
        self.train = train
        self.dataset_name = dataset_name
        self.mean, self.std = mean, std
        self.data = torch.tensor(images)
        self.targets = torch.tensor(labels, dtype=torch.int64)
