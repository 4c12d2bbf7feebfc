import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.training import shift_images


def marked(n, height=5, width=7):
    """Images of paper with one dark pixel in the middle and grey around it."""
    images = torch.full((n, height, width), -0.4)
    images[:, height // 2, width // 2] = 2.0
    images[:, height // 2, width // 2 + 1] = 1.0
    return images


def shifts_of(images):
    """How far the dark pixel of each image is from the middle."""
    height, width = images.shape[1:]
    place = images.flatten(1).argmax(dim=1)
    return torch.stack([place // width - height // 2, place % width - width // 2], dim=1)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**31), pixels=st.integers(0, 2))
def test_each_image_is_rolled_as_a_whole_with_paper_where_it_was(seed, pixels):
    torch.manual_seed(seed)
    images = marked(30)
    moved = shift_images(images, pixels)
    for image, shift in zip(moved, shifts_of(moved), strict=True):
        assert shift.abs().max() <= pixels
        rolled = torch.roll(images[0], tuple(shift.tolist()), dims=(0, 1))
        torch.testing.assert_close(image, rolled)  # nothing dark is near the edge of this image


def test_all_shifts_are_equally_frequent_and_drawn_for_each_image():
    torch.manual_seed(0)
    shifts = shifts_of(shift_images(marked(9000)))
    kinds, counts = shifts.unique(dim=0, return_counts=True)
    assert len(kinds) == 9
    assert ((counts / 1000 - 1).abs() < 0.15).all()


def test_what_is_uncovered_is_paper_and_what_leaves_is_gone():
    torch.manual_seed(1)
    images = torch.ones(200, 4, 4)
    images[0] = -3.0  # the smallest value of all is the paper of all
    for image in shift_images(images)[1:]:
        inked = image == 1
        assert set(image.unique().tolist()) <= {1.0, -3.0}
        rows, columns = inked.any(dim=1).sum(), inked.any(dim=0).sum()
        assert inked.sum() == rows * columns
        assert min(rows, columns) >= 3


def test_the_images_given_stay_as_they_are_and_the_seed_decides():
    images = marked(20)
    before = images.clone()
    torch.manual_seed(4)
    first = shift_images(images)
    torch.manual_seed(4)
    assert torch.equal(shift_images(images), first)
    assert torch.equal(images, before)
    assert first.is_contiguous()


@pytest.mark.parametrize(
    ("shape", "pixels"), [((5, 28), 1), ((2, 1, 28, 28), 1), ((3, 4, 4), 4), ((3, 4, 4), -1)]
)
def test_what_cannot_be_shifted_is_refused(shape, pixels):
    with pytest.raises(ValueError, match="shape \\(n, height, width\\)"):
        shift_images(torch.zeros(shape), pixels)
