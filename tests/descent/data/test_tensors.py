import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

from descent.data.tensors import TensorDigits, mean_and_std

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 28, 28), dtype=np.uint8)


@pytest.fixture
def digit_set():
    statistics = mean_and_std(torch.from_numpy(IMAGES))
    return TensorDigits(IMAGES, np.arange(6, dtype=np.uint8), True, "test", *statistics)


def test_an_item_is_a_normalised_image_and_an_int(digit_set):
    expected = (IMAGES[2] / 255 - digit_set.mean) / digit_set.std
    image, label = digit_set[2]
    assert type(label) is int
    assert label == 2
    assert image.dtype == torch.float32
    assert image.shape == (1, 28, 28)
    np.testing.assert_allclose(image[0].numpy(), expected, rtol=0, atol=1e-5)
    assert digit_set[-1][1] == 5
    with pytest.raises(IndexError):
        digit_set[6]


def test_the_data_are_normalised(digit_set):
    assert digit_set.data.dtype == torch.float32
    assert digit_set.data.shape == (6, 28, 28)
    assert digit_set.targets.dtype == torch.int64
    assert abs(digit_set.data.mean().item()) < 1e-5
    assert abs(digit_set.data.std(correction=0).item() - 1) < 1e-5


def test_changing_an_item_does_not_change_the_set(digit_set):
    digit_set[0][0].zero_()
    assert digit_set[0][0].abs().max() > 0


def test_items_take_further_transforms(digit_set):
    digit_set.transform = lambda image: image * 0
    digit_set.target_transform = lambda label: label + 100
    image, label = digit_set[1]
    assert image.shape == (1, 28, 28)
    assert image.abs().max() == 0
    assert label == 101


def test_a_set_can_be_sent_to_a_worker_process(digit_set):
    twin = pickle.loads(pickle.dumps(digit_set))
    assert torch.equal(twin[3][0], digit_set[3][0])


def test_loading_tensors_does_not_wait_for_torchvision():
    lines = [
        "import sys",
        "from descent.data import load_mnist_data",
        "load_mnist_data(change_tensors=True)",
        "print('torchvision' in sys.modules)",
    ]
    command = [sys.executable, "-c", "\n".join(lines)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    assert result.stdout == "False\n"


def test_mean_and_deviation_are_exact():
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (50, 28, 28), np.uint8))
    mean, std = mean_and_std(images)
    pixels = images.double() / 255
    assert mean == pytest.approx(pixels.mean().item(), rel=1e-12)
    assert std == pytest.approx(pixels.std(correction=0).item(), rel=1e-12)
