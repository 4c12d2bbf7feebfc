"""What the picture of the playground shows."""

from tests.descent.plots.looking import color, colors_of
from tests.descent.plots.samples import drawn_once

from descent import plots


def test_every_path_has_the_colour_of_its_method_and_its_own_mark():
    figure, data = drawn_once(plots.playground_map)
    [axes] = figure.axes
    ends = {line.get_label(): line for line in axes.lines if line.get_label() in data["paths"]}
    assert list(ends) == ["momentum", "Nesterov"]
    for method, line in ends.items():
        assert color(method) in colors_of(axes)
        assert tuple(line.get_xydata()[0]) == tuple(data["paths"][method][-1].tolist())
    assert len({line.get_marker() for line in ends.values()}) == 2


def test_the_map_has_one_scale_and_marks_every_minimum():
    figure, data = drawn_once(plots.playground_map)
    [axes] = figure.axes
    assert axes.get_aspect() == 1
    stars = [line for line in axes.lines if line.get_marker() == "*"]
    assert [tuple(point) for point in stars[0].get_xydata()] == list(data["landscape"].minima)
