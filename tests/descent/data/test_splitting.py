import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.data import split_validation
from descent.data.tensors import TensorDigits
from descent.data.vision import DigitSet


def digits(n, kind=DigitSet):
    """A set whose images and labels both tell which image it is."""
    images = np.zeros((n, 28, 28), dtype=np.uint8)
    images[:, 0, 0] = np.arange(n) % 256
    images[:, 0, 1] = np.arange(n) // 256
    return kind(images, np.arange(n), True, "test digits", mean=0.25, std=0.5)


def numbers_of(digit_set):
    in_image = digit_set.data[:, 0, 0].int() + 256 * digit_set.data[:, 0, 1].int()
    assert torch.equal(in_image, digit_set.targets.int())
    return digit_set.targets.tolist()


@pytest.mark.parametrize(("n", "n_val"), [(60_000, 10_000), (1_500, 250), (2, 1)])
def test_one_sixth_is_for_validation(n, n_val):
    share = 1 / 6 if n > 2 else 0.5
    learn_set, val_set = split_validation(digits(n), seed=0, share=share)
    assert (len(learn_set), len(val_set)) == (n - n_val, n_val)


@settings(deadline=None, max_examples=40)
@given(n=st.integers(2, 300), share=st.floats(0.01, 0.99), seed=st.integers(0, 2**32 - 1))
def test_every_digit_is_in_one_of_the_two_with_its_label(n, share, seed):
    if not 0 < round(share * n) < n:
        return
    parts = split_validation(digits(n), seed, share)
    assert sorted(numbers_of(parts[0]) + numbers_of(parts[1])) == list(range(n))
    assert len(parts[1]) == round(share * n)


def test_the_split_depends_on_the_seed_alone():
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = [numbers_of(part) for part in split_validation(digits(60), seed=5)]
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert [numbers_of(part) for part in split_validation(digits(60), seed=5)] == first
    assert [numbers_of(part) for part in split_validation(digits(60), seed=6)] != first


def test_both_parts_are_drawn_from_the_whole_set():
    learn_set, val_set = split_validation(digits(6000), seed=3)
    for part in (learn_set, val_set):
        spread = np.histogram(numbers_of(part), bins=6, range=(0, 6000))[0] / len(part)
        assert abs(spread - 1 / 6).max() < 0.04


@pytest.mark.parametrize("kind", [DigitSet, TensorDigits])
def test_the_parts_are_digit_sets_of_their_own(kind):
    whole = digits(12, kind)
    learn_set, val_set = split_validation(whole, seed=0)
    assert type(val_set) is kind
    assert val_set.dataset_name == "test digits"
    assert (val_set.mean, val_set.std) == (whole.mean, whole.std)
    image, label = val_set[1]
    same_image, same_label = whole[int(val_set.targets[1])]
    assert label == int(val_set.targets[1])
    torch.testing.assert_close(image, whole[int(np.flatnonzero(whole.targets == label)[0])][0])
    assert same_label == label
    torch.testing.assert_close(same_image, image)
    before = whole.data.clone()
    learn_set.data.zero_()
    val_set.targets.zero_()
    assert torch.equal(whole.data, before)
    assert whole.targets.tolist() == list(range(12))


@pytest.mark.parametrize("share", [0, 1, -0.5, 1.5, 0.01, 0.99])
def test_a_share_that_leaves_a_set_empty_is_refused(share):
    with pytest.raises(ValueError, match="choose a share between 0 and 1"):
        split_validation(digits(10), seed=0, share=share)


def test_describing_data_does_not_import_torch():
    code = "import sys, descent.data; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
