import importlib
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

from descent.data import vision
from descent.data.tensors import mean_and_std
from descent.data.vision import DigitSet, torchvision


@pytest.fixture
def digit_set():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 28, 28), dtype=np.uint8)
    statistics = mean_and_std(torch.from_numpy(images))
    return DigitSet(images, np.arange(6, dtype=np.uint8), True, "test", *statistics)


def test_torchvision_imports_and_its_data_sets_and_transforms_work():
    assert vision.import_torchvision() is torchvision is sys.modules["torchvision"]
    image = torchvision.transforms.ToTensor()(np.full((28, 28), 255, np.uint8))
    assert image.shape == (1, 28, 28)
    assert image.max() == 1


def test_a_failed_import_by_somebody_else_does_no_harm():
    lines = [
        "try:",
        "    import torchvision",
        "except RuntimeError:",
        "    pass",
        "from descent.data.vision import DigitSet",
        "from torchvision import datasets",
        "print(issubclass(DigitSet, datasets.MNIST))",
    ]
    command = [sys.executable, "-c", "\n".join(lines)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    assert result.stdout == "True\n"


def test_another_failure_is_passed_on(monkeypatch):
    def broken(name):
        raise RuntimeError("something else")

    monkeypatch.setattr(importlib, "import_module", broken)
    monkeypatch.setattr(vision, "_declare_operators", lambda: pytest.fail("nothing to declare"))
    with pytest.raises(RuntimeError, match="something else"):
        vision.import_torchvision()


def test_where_the_import_works_nothing_is_declared(monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda name: name)
    monkeypatch.setattr(vision, "_declare_operators", lambda: pytest.fail("nothing to declare"))
    assert vision.import_torchvision() == "torchvision"


def test_it_is_torchvisions_mnist(digit_set):
    assert isinstance(digit_set, torchvision.datasets.MNIST)
    assert digit_set.data.dtype == torch.uint8
    assert digit_set.targets.tolist() == [0, 1, 2, 3, 4, 5]
    assert digit_set.targets.dtype == torch.int64
    assert digit_set.classes[3] == "3 - three"
    assert len(digit_set) == 6
    assert "Split: Train" in repr(digit_set)


def test_an_item_is_a_normalised_image_and_an_int(digit_set):
    expected = (digit_set.data[2].double() / 255 - digit_set.mean) / digit_set.std
    image, label = digit_set[2]
    assert type(label) is int
    assert label == 2
    assert image.dtype == torch.float32
    assert image.shape == (1, 28, 28)
    torch.testing.assert_close(image[0].double(), expected, rtol=0, atol=1e-5)
    with pytest.raises(IndexError):
        digit_set[6]


def test_a_set_can_be_sent_to_a_worker_process(digit_set):
    twin = pickle.loads(pickle.dumps(digit_set))
    assert torch.equal(twin[3][0], digit_set[3][0])


def test_a_started_worker_process_loads_batches(digit_set):
    loader = torch.utils.data.DataLoader(
        digit_set, batch_size=3, num_workers=1, multiprocessing_context="spawn"
    )
    assert [labels.tolist() for _, labels in loader] == [[0, 1, 2], [3, 4, 5]]


class Library:
    """Stands in for PyTorch's, and notes what is declared."""

    def __init__(self, name, kind):
        self.made, self.defined = (name, kind), []

    def define(self, signature):
        self.defined.append(signature)


def test_the_two_operators_are_declared_and_kept(monkeypatch):
    kept = []
    monkeypatch.setattr(vision.torch.library, "Library", Library)
    monkeypatch.setattr(vision, "_declared", kept)
    vision._declare_operators()
    (library,) = kept
    assert library.made == ("torchvision", "FRAGMENT")
    signature = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    assert library.defined == [f"nms{signature}", f"qnms{signature}"]


def test_what_a_failed_import_left_is_dropped_and_nothing_else(monkeypatch):
    for name in ("broken", "broken.part", "brokenly"):
        monkeypatch.setitem(sys.modules, name, None)
    vision._forget("broken")
    assert "broken" not in sys.modules
    assert "broken.part" not in sys.modules
    assert "brokenly" in sys.modules


def test_after_the_declaration_it_is_imported_afresh(monkeypatch):
    done = []

    def import_module(name):
        done.append(name)
        if done.count(name) == 1:
            raise RuntimeError("operator torchvision::nms does not exist")
        return "imported"

    monkeypatch.setattr(importlib, "import_module", import_module)
    monkeypatch.setattr(vision, "_declare_operators", lambda: done.append("declared"))
    monkeypatch.setattr(vision, "_forget", lambda name: done.append(f"forgot {name}"))
    assert vision.import_torchvision() == "imported"
    assert done == ["torchvision", "declared", "forgot torchvision", "torchvision"]
