import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from descent.data import embedded
from descent.data.embedded import embedded_digits, enlarge


def test_shapes_types_and_split():
    train_images, train_labels, test_images, test_labels = embedded_digits()
    assert train_images.shape == (1500, 28, 28)
    assert test_images.shape == (297, 28, 28)
    assert {array.dtype for array in embedded_digits()} == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(np.append(train_labels, test_labels), load_digits().target)
    assert set(train_labels) == set(test_labels) == set(range(10))


def test_images_are_the_digits_upright_centred_and_from_paper_to_ink():
    images = np.concatenate(embedded_digits()[::2])
    assert images.min() == 0
    assert images.max() == 255
    assert images[:, [0, -1]].max() == 0
    assert images[:, :, [0, -1]].max() == 0
    # Averaged back to 8 x 8 (of 26 pixels for 10 cells) an image is its original.
    small = torch.nn.functional.interpolate(
        torch.from_numpy(images[:, 1:-1, 1:-1]).float()[:, None], size=(10, 10), mode="area"
    )[:, 0, 1:-1, 1:-1]
    originals = torch.from_numpy(load_digits().images).float()
    both = torch.stack([small.flatten(), originals.flatten()])
    assert torch.corrcoef(both)[0, 1] > 0.97


def test_no_seed_matters_and_no_random_number_is_drawn():
    originals = load_digits().images[:20]
    results = []
    for seed in (0, 1):
        random.seed(seed), np.random.seed(seed), torch.manual_seed(seed)  # noqa: NPY002
        before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # noqa: NPY002
        results.append((enlarge(originals), embedded_digits.__wrapped__()[0]))
        after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # noqa: NPY002
        assert before[:2] == after[:2]
        assert torch.equal(before[2], after[2])
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_array_equal(results[0][1], results[1][1])


def test_no_ink_and_full_ink_keep_their_values():
    enlarged = enlarge(np.stack([np.zeros((8, 8)), np.full((8, 8), 16.0)]))
    assert enlarged[0].max() == 0
    assert enlarged[1, 10:18, 10:18].min() == 255


def test_the_digits_are_read_without_waiting_for_scikit_learn():
    code = (
        "import sys; from descent.data.embedded import embedded_digits; embedded_digits(); "
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHA256", "0" * 64),  # other digits than those that were checked
        ("TABLE", "sklearn/moved.csv.gz"),
        ("TABLE", "sklearn/__init__.py"),  # not even compressed
    ],
)
def test_where_the_file_is_not_as_it_was_scikit_learn_is_asked(monkeypatch, name, value):
    expected = embedded_digits.__wrapped__()
    monkeypatch.setattr(embedded, name, value)
    assert embedded._read_table() is None
    for array, same in zip(embedded_digits.__wrapped__(), expected, strict=True):
        np.testing.assert_array_equal(array, same)


@pytest.mark.parametrize(("ink", "share"), [(4.0, 64), (15.0, 239)])  # of 16, and of 255
def test_ink_keeps_its_share_and_the_type_is_that_of_mnist(ink, share):
    enlarged = enlarge(np.full((2, 8, 8), ink))
    assert enlarged.shape == (2, 28, 28)
    assert enlarged.dtype == np.uint8
    assert set(enlarged[:, 10:18, 10:18].flat) == {share}


def test_a_sharp_edge_stays_within_paper_and_ink():
    image = np.zeros((1, 8, 8))
    image[0, 2:6, 2:6] = 16.0
    enlarged = enlarge(image)
    assert {enlarged.min(), enlarged.max()} == {0, 255}
    inside = enlarged[0] > 127
    assert abs(inside.sum() - 16 * 2.6**2) < 20  # no value ran over: a cell is 2.6 pixels wide


@pytest.mark.parametrize("turn", [np.fliplr, np.flipud, np.transpose])
def test_an_image_is_enlarged_alike_to_all_sides(turn):
    image = np.arange(64.0).reshape(8, 8) / 4
    turned = enlarge(np.stack([turn(image)]))[0].astype(int)
    assert np.abs(turned - turn(enlarge(image[None])[0].astype(int))).max() <= 1  # rounding


def test_the_table_is_found_and_gives_what_scikit_learn_gives():
    images, labels = embedded._read_table()
    expected = load_digits()
    np.testing.assert_array_equal(images, expected.images)
    np.testing.assert_array_equal(labels, expected.target)
