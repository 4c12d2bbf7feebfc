"""Charts on a dark page: the colours of the chart change, and nothing else does."""

import re

from livepage.explorer.chart import dark_colors, in_dark, to_adaptive_svg, to_svg
from livepage.pages.dark import GROUND, dark_color

SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "config": {"background": "white", "axis": {"labelColor": "#222222", "gridColor": "#e4e4e4"}},
    "data": {"values": [{"x": 0, "name": "black"}, {"x": 1, "name": "#0072B2"}]},
    "mark": "bar",
    "encoding": {
        "x": {"field": "x", "type": "quantitative"},
        "color": {
            "field": "name",
            "scale": {"domain": ["black", "#0072B2"], "range": ["#0072B2", "#D55E00"]},
            "legend": {"labelColor": "#222222"},
        },
    },
}


def test_colours_are_changed_and_data_are_not():
    colors = dark_colors(SPEC)
    assert colors["white"] == GROUND
    assert colors["#0072B2"] == dark_color("#0072B2")
    assert "#D55E00" not in colors  # it is seen in the dark as it is
    assert "black" not in colors  # a word in the data
    dark = in_dark(SPEC, colors)
    assert dark["data"] == SPEC["data"]
    scale = dark["encoding"]["color"]["scale"]
    assert scale["domain"] == SPEC["encoding"]["color"]["scale"]["domain"]
    assert scale["range"] == [dark_color("#0072B2"), "#D55E00"]
    assert dark["config"]["background"] == GROUND


def test_a_legend_of_many_colours_is_drawn_in_the_dark_too():
    spec = SPEC | {"encoding": {"color": {"field": "x", "type": "quantitative"}}}
    spec["encoding"]["color"]["scale"] = {"range": ["#ffffff", "#8a8a8a"]}
    both = to_adaptive_svg(spec)
    assert 'fill="url(#' in both
    style = re.search(r"<style>.*?</style>", both)[0]
    assert "url(" not in style  # the names of gradients differ from picture to picture
    stops = re.findall(r'<stop [^>]*stop-color="([^"]*)"', both)
    darker = dict(re.findall(r'\[stop-color="([^"]*)"\] \{ stop-color: (.*?) \}', style))
    assert len(stops) > 2
    assert set(stops) <= set(darker)


def test_the_picture_has_both_looks():
    both = to_adaptive_svg(SPEC)
    style = re.search(r"<style>@media \(prefers-color-scheme: dark\) \{ (.*?) \}</style>", both)
    assert both.replace(style[0], "") == to_svg(SPEC)
    rules = dict(re.findall(r"(\[[^\]]*\]) \{ (.*?) \}", style[1]))
    assert rules['[fill="white"]'] == f"fill: {GROUND}"
    assert rules['[fill="#0072B2"]'] == f"fill: {dark_color('#0072B2')}"
    assert '[fill="#D55E00"]' not in rules


def test_a_picture_does_not_tell_what_was_drawn_before_it():
    clipped = SPEC | {"mark": {"type": "bar", "clip": True}}
    first = to_adaptive_svg(clipped)
    to_svg(clipped)
    assert to_adaptive_svg(clipped) == first
    names = set(re.findall(r'\bid="(\w+)"', first))
    assert names
    assert set(re.findall(r"url\(#(\w+)\)", first)) == names
