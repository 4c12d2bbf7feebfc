"""What the figures of `descent.plots.data_parallel` show."""

import numpy as np
import torch
from tests.descent.plots.looking import lines_of
from tests.descent.plots.samples.data_parallel import traffic_data, two_workers_data

from descent import plots
from descent.plots.data_parallel import LEAST


def test_each_rank_is_drawn_beside_the_one_process():
    data = two_workers_data()
    upper, lower = plots.two_workers(**data).axes
    lines = lines_of(upper)
    np.testing.assert_array_equal(lines["one process, all"][:, 1], data["one_loss"])
    for rank, losses in enumerate(data["part_losses"]):
        np.testing.assert_array_equal(lines[f"rank {rank}, its half"][:, 1], losses)
    assert [line[0, 0] for line in lines.values()] == [1, 1, 1]  # the first update
    np.testing.assert_array_equal(
        lines_of(lower)["never talk"][:, 1], data["distances"]["never talk"]
    )
    assert lower.get_yscale() == "log"


def test_no_difference_at_all_is_drawn_at_the_bottom():
    data = two_workers_data()
    data["distances"]["average"] = torch.zeros(20)
    lower = plots.two_workers(**data).axes[1]
    np.testing.assert_allclose(lines_of(lower)["average"][:, 1], LEAST)


def test_traffic_is_drawn_against_the_number_of_workers():
    data = traffic_data()
    [axes] = plots.traffic(**data).axes
    for name, values in data["sent"].items():
        np.testing.assert_allclose(lines_of(axes)[name], np.stack([data["workers"], values], 1))
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["2", "4", "8", "16"]
