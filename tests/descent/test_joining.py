"""Grids in parts, and the results of parts made one."""

from dataclasses import replace

import pytest
import torch

from descent.optimizers import momentum_update
from descent.runs import descend, grid, join

SETTINGS = grid(lr=[0.1, 0.2, 0.3], beta=[0.0, 0.5, 0.9])


def run(part, steps=5):
    start = [torch.tensor([[1.0, -2.0]]), torch.tensor([[3.0]])]
    return descend(
        lambda params: sum(param.square().sum(dim=(1, 2)) for param in params),
        start,
        momentum_update,
        part,
        steps,
        keep_paths=True,
    )


@pytest.mark.parametrize("parts", [1, 2, 4, 9, 30])
def test_the_parts_of_a_grid_are_all_of_it_in_its_order(parts):
    cut = SETTINGS.cut(parts)
    assert len(cut) == min(parts, 9)
    assert [one for part in cut for one in part.combinations()] == SETTINGS.combinations()
    lengths = {len(part) for part in cut}
    assert max(lengths) - min(lengths) <= 1
    assert cut[-1].table().iloc[-1].to_dict() == {"lr": 0.3, "beta": 0.9}


def test_a_part_can_be_cut_again():
    part = SETTINGS.cut(2)[1]
    again = part.cut(3)
    assert [one for small in again for one in small.combinations()] == part.combinations()


def test_a_grid_has_no_fewer_than_one_part():
    with pytest.raises(ValueError, match="at least 1 part, not 0"):
        SETTINGS.cut(0)


@pytest.mark.parametrize("parts", [1, 4])
def test_joined_parts_are_what_the_whole_grid_gives(parts):
    whole, joined = run(SETTINGS), join([run(part) for part in SETTINGS.cut(parts)])
    assert joined.grid == SETTINGS
    assert joined.steps == whole.steps
    torch.testing.assert_close(joined.losses, whole.losses)
    torch.testing.assert_close(joined.params, whole.params)
    torch.testing.assert_close(joined.paths, whole.paths)
    assert joined.table().shape == whole.table().shape


def test_some_parts_make_a_larger_part():
    joined = join([run(part) for part in SETTINGS.cut(3)[1:]])
    assert joined.grid.combinations() == SETTINGS.combinations()[3:]
    assert len(joined.params[0]) == 6


def test_what_does_not_belong_together_is_refused():
    one, two, three = (run(part) for part in SETTINGS.cut(3))
    with pytest.raises(ValueError, match="neighbouring parts of one grid"):
        join([one, three])
    with pytest.raises(ValueError, match="neighbouring parts of one grid"):
        join([two, one])
    other = run(grid(lr=[0.1, 0.2, 0.4], beta=[0.0, 0.5, 0.9]).cut(3)[1])
    with pytest.raises(ValueError, match="neighbouring parts of one grid"):
        join([one, other])
    with pytest.raises(ValueError, match="the same steps"):
        join([one, replace(two, steps=[0, 1])])
    with pytest.raises(ValueError, match="nothing to join"):
        join([])
