"""What the figures of `descent.plots.search` show."""

import numpy as np
import pytest
import torch
from tests.descent.plots.looking import (
    STAGES,
    as_pixels,
    color,
    colors_of,
    lines_of,
)
from tests.descent.plots.samples.search import (
    improving_shares_data,
    search_progress_data,
    slopes_by_dimension_data,
    update_histograms_data,
)

from descent import plots


def test_search_progress_draws_each_run_in_the_color_of_its_method():
    data = search_progress_data()["losses"]
    [axes] = plots.search_progress(data).axes
    runs = torch.cat(list(data.values()), dim=1).T
    assert len(axes.lines) == 5
    for line, losses in zip(axes.lines, runs, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), losses)
    assert colors_of(axes) == [color("random search")] * 4 + [color("gradient descent")]
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["random search", "gradient descent"]
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize("stages", [STAGES, STAGES[:1]], ids=["two stages", "one stage"])
def test_histograms_count_every_random_step_and_mark_the_gradient_step(stages):
    data = update_histograms_data(stages)
    figure = plots.update_histograms(**data)
    assert len(figure.axes) == len(stages)
    for axes, stage in zip(figure.axes, stages, strict=True):
        values = data["changes"][stage].numpy()
        assert sum(bar.get_height() for bar in axes.patches) == len(values)
        left, right = axes.patches[0], axes.patches[-1]
        assert left.get_x() == pytest.approx(values.min())
        assert right.get_x() + right.get_width() == pytest.approx(values.max())
        zero, step = (line.get_xdata()[0] for line in axes.lines)
        assert (zero, step) == (0, data["gradient_changes"][stage])
        assert colors_of(axes)[1] == color("gradient descent")
        assert axes.get_title(loc="left").lower() == stage


def test_slopes_are_drawn_beside_one_over_the_root_of_the_dimension():
    data = slopes_by_dimension_data()
    [axes] = plots.slopes_by_dimension(**data).axes
    lines = lines_of(axes)
    n = np.array(data["dimensions"])
    assert all(np.array_equal(points[:, 0], n) for points in lines.values())
    assert lines["gradient"][:, 1].tolist() == [1] * 4
    assert lines["best of 100 directions"][:, 1].tolist() == data["best_shares"]
    assert lines["typical direction"][:, 1].tolist() == data["typical_shares"]
    np.testing.assert_allclose(lines["1/√n"][:, 1], 1 / np.sqrt(n))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_improving_shares_are_percentages_in_the_color_of_their_stage():
    data = improving_shares_data()
    [axes] = plots.improving_shares(**data).axes
    for index, stage in enumerate(STAGES):
        for line, shares in zip(
            axes.lines[2 * index :], (data["measured"], data["predicted"]), strict=False
        ):
            np.testing.assert_allclose(line.get_ydata(), 100 * shares[stage], rtol=1e-6)
            np.testing.assert_array_equal(line.get_xdata(), data["lengths"])
            assert line.get_color() == plots.STAGE_COLORS[stage]
        assert axes.lines[2 * index].get_label() == f"{stage}, measured"


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_every_share_from_none_to_all_is_inside_the_picture(share):
    data = improving_shares_data()
    data["measured"]["untrained"] = torch.full((9,), share)
    [axes] = plots.improving_shares(**data).axes
    low, high = axes.get_ylim()
    assert low < 100 * share < high


def test_stable_steps_mark_two_over_l_and_keep_what_diverged_out_of_the_scale():
    multiples = torch.linspace(0.5, 2.5, 9)
    excess = (3 * multiples - 6).exp()
    excess[-2:] = torch.tensor([torch.inf, torch.nan])
    figure = plots.stable_steps(multiples, excess)
    as_pixels(figure)
    [axes] = figure.axes
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), excess)
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), multiples)
    assert axes.lines[1].get_xdata() == [2, 2]
    assert axes.get_yscale() == "log"
    assert np.isfinite(axes.get_ylim()).all()
    assert [text.get_text() for text in axes.texts] == ["lr = 2/L"]
