"""What the figures of `descent.plots.bonus` show."""

import numpy as np
import pytest
import torch
from tests.descent.plots.looking import as_pixels, contrast, lines_of
from tests.descent.plots.samples.bonus import (
    confusion_data,
    lucky_winners_data,
    misread_digits_data,
    training_curves_data,
)

from descent import plots


def test_lucky_winners_are_drawn_as_means_beside_the_truth_with_their_spread():
    data = lucky_winners_data()
    figure = plots.lucky_winners(**data)
    [axes] = figure.axes
    lines = lines_of(axes)
    for name, label in (
        ("chosen", "on the set that it was chosen by"),
        ("fresh", "on a fresh set"),
    ):
        np.testing.assert_array_equal(lines[label][:, 0], data["counts"])
        np.testing.assert_allclose(lines[label][:, 1], 100 * data[name].mean(dim=1), rtol=1e-5)
    assert set(lines["what it really has"][:, 1]) == {96.0}
    for band, name in zip(axes.collections, ("chosen", "fresh"), strict=True):
        heights = band.get_paths()[0].vertices[:, 1]
        low, high = np.quantile(100 * data[name].numpy(), (0.1, 0.9), axis=1)
        assert (heights.min(), heights.max()) == pytest.approx((low.min(), high.max()))
    assert len(figure.legends[0].get_texts()) == 3


@pytest.mark.parametrize("runs", [1, 3])
def test_training_curves_draw_each_run_on_both_sets(runs):
    tables = training_curves_data(runs)["tables"]
    upper, lower = plots.training_curves(tables).axes
    for axes, column, factor in ((upper, "loss", 1), (lower, "accuracy", 100)):
        assert len(axes.lines) == 2 * runs
        for line, (part, table) in zip(
            axes.lines, [(p, t) for p in ("train", "val") for t in tables], strict=True
        ):
            np.testing.assert_array_equal(line.get_xdata(), table["epoch"])
            np.testing.assert_allclose(line.get_ydata(), factor * table[f"{part}_{column}"])
            assert (line.get_linestyle() == "--") is (part == "train")
    assert upper.get_yscale() == "log"
    named = [text.get_text() for text in upper.get_legend().get_texts()]
    assert named == ["training digits", "validation digits"]


@pytest.mark.parametrize("accuracy", [0.0, 0.5, 0.985, 1.0])
def test_the_end_of_every_accuracy_is_inside_the_picture(accuracy):
    tables = training_curves_data(2)["tables"]
    tables[0]["val_accuracy"] = accuracy
    _, lower = plots.training_curves(tables).axes
    low, high = lower.get_ylim()
    assert low < 100 * accuracy < high
    assert low < 99
    assert high < 101


def test_confusion_writes_every_mistake_and_no_right_answer():
    counts = confusion_data()["counts"]
    [axes] = plots.confusion(counts).axes
    written = {text.get_position(): text.get_text() for text in axes.texts}
    for row in range(10):
        for column in range(10):
            count = int(counts[row, column])
            expected = "✓" if row == column else str(count) if count else None
            assert written.get((column, row)) == expected
    [image] = axes.images
    assert image.get_clim() == (0, (counts - torch.diag(counts.diag())).max())
    for text in axes.texts:
        column, row = text.get_position()
        if row != column:
            background = image.cmap(image.norm(image.get_array()[row, column]))[:3]
            assert contrast(text.get_color(), background) > 3.9
    assert axes.get_xlabel() == "what the model reads"
    assert axes.get_ylabel() == "the digit"


def test_a_model_without_mistakes_has_an_empty_table():
    [axes] = plots.confusion(torch.diag(torch.full((10,), 7))).axes
    assert {text.get_text() for text in axes.texts} == {"✓"}
    as_pixels(axes.figure)


@pytest.mark.parametrize("count", [1, 5, 7, 20, 33])
def test_misread_digits_say_what_they_are_what_was_read_and_how_surely(count):
    data = misread_digits_data(count)
    figure = plots.misread_digits(**data)
    drawn = [axes for axes in figure.axes if axes.images]
    assert len(drawn) == min(count, 20)
    assert len(figure.axes) - len(drawn) < 5
    for i, axes in enumerate(drawn):
        np.testing.assert_array_equal(axes.images[0].get_array(), data["images"][i])
        sure = f"{100 * data['probabilities'][i]:.0f}" if i else "over 99"  # no error is certain
        assert axes.get_title() == f"{i % 10} read as {(i + 3) % 10}\n{sure} % sure"


def test_no_misread_digit_is_said_in_words():
    figure = plots.misread_digits(**misread_digits_data(0))
    assert figure.axes[0].get_title(loc="left") == "No digit was misread."
    assert not any(axes.images for axes in figure.axes)
    as_pixels(figure)
