"""What the figures of `descent.plots.welcome` show."""

import numpy as np
from tests.descent.plots.looking import (
    color,
    colors_of,
    lines_of,
)
from tests.descent.plots.samples.welcome import overview_data

from descent import plots


def test_overview_draws_the_path_and_the_loss_of_each_method_in_its_color():
    data = overview_data()
    ravine, training, _ = plots.overview(**data).axes
    lines = lines_of(ravine)
    for method, path in data["paths"].items():
        np.testing.assert_array_equal(lines[method], path)
    assert ravine.get_xlabel()
    assert colors_of(ravine)[: len(data["paths"])] == [color(method) for method in data["paths"]]
    assert lines["minimum"].tolist() == [[0, 0]]
    assert colors_of(training) == [color(method) for method in data["losses"]]
    for line, losses in zip(training.lines, data["losses"].values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), losses)
        np.testing.assert_array_equal(line.get_xdata(), np.arange(len(losses)))


def test_overview_marks_what_was_read_right_and_what_was_read_wrong():
    figure = plots.overview(**overview_data())
    reading = figure.axes[2]
    assert [text.get_text() for text in reading.texts] == ["3 ✓", "7 ✗", "4 ✓", "1 ✓"]
    assert len({text.get_color() for text in reading.texts}) == 2
    shown = reading.images[0].get_array()
    assert shown.shape == (28, 4 * 28)
    np.testing.assert_array_equal(shown[:, 28:56], overview_data()["images"][1])


def test_overview_names_every_method_in_its_legend():
    [legend] = plots.overview(**overview_data()).legends
    assert [text.get_text() for text in legend.get_texts()] == [*METHODS, "minimum"]
