"""What the demos of the chapter on momentum show."""

import numpy as np
import pytest
import torch
from tests.descent.demos.samples.momentum import (
    MINIMUM,
    MU,
    L,
    bowl,
    forgets_its_velocity,
    momentum,
    momentum_map,
)

from descent.demos.momentum import momentum_data
from descent.demos.momentum_map import LIMIT, edges, momentum_map_data
from descent.optimizers import momentum_update


def task(lr, beta):
    return momentum_data(bowl, MINIMUM, momentum_update, (0.0, 2.0), [lr], [beta])["message"]


def on_the_map(lr, beta, update_fn=momentum_update):
    return momentum_map_data(MU, L, update_fn, [lr], [beta])["message"]["text"].item()


@pytest.mark.parametrize(
    ("lr", "beta", "good", "words"),
    [
        (12.0, 0.5, True, "Done"),
        (2.0, 0.9, False, "Not yet"),
        (50.0, 0.0, False, "diverged"),
    ],
)
def test_the_demo_says_whether_the_task_is_met(lr, beta, good, words):
    message = task(lr, beta)
    assert message["good"].item() == good
    assert words in message["text"].item()


def test_momentum_without_a_share_of_the_velocity_is_gradient_descent():
    data = momentum_data(bowl, MINIMUM, momentum_update, (0.0, 2.0), [2.0], [0.0])
    assert torch.equal(data["plain"]["u"], data["heavy"]["u"])


def test_the_demo_shows_the_paths_of_the_function_of_the_reader():
    right, wrong = momentum().shown, momentum(forgets_its_velocity).shown
    assert wrong["plain"] == right["plain"]
    assert wrong["heavy"] != right["heavy"]
    assert [row["u"] for row in wrong["heavy"]] == [row["u"] for row in wrong["plain"]]


def test_moving_a_slider_between_the_values_of_the_page_moves_the_path():
    live = momentum()
    before = live.shown["heavy"], live.picture.value
    live.fields["lr"].value = 2.345
    assert live.shown["heavy"] != before[0]
    assert live.picture.value != before[1]


@pytest.mark.parametrize(
    ("lr", "beta", "words"),
    [
        (0.2, 0.1, "smooth: more than"),
        (1.6, 0.9, "oscillates: "),
        (2.2, 0.05, "diverges"),
    ],
)
def test_the_map_says_how_a_run_goes(lr, beta, words):
    assert words in on_the_map(lr, beta)


def test_the_map_counts_the_steps_of_gradient_descent_as_the_formula_does():
    # The flat direction shrinks by 1 - lr mu a step, and the steep one is right at once.
    expected = np.ceil(np.log(1e-6 * 2**0.5) / np.log(1 - MU / L))
    assert f" {expected:.0f} steps" in on_the_map(1.0, 0.0)


def test_each_cell_of_the_map_has_the_steps_of_the_run_that_a_click_chooses():
    live = momentum_map()
    cells = [cell for cell in live.shown["cells"] if cell["kind"] != "diverges"][::37]
    for cell in cells:
        took = f"more than {LIMIT}" if cell["steps"] == LIMIT else f"{cell['steps']:.0f}"
        said = on_the_map(cell["lr"], cell["beta"])
        assert f" {took} steps" in said
        assert cell["kind"] in said
    assert {"lr", "beta"} <= cells[0].keys()


def test_a_setting_as_fast_as_the_best_of_the_map_is_a_success():
    live = momentum_map()
    finite = [cell for cell in live.shown["cells"] if cell["steps"] is not None]
    best = min(finite, key=lambda cell: cell["steps"])
    assert not live.shown["message"][0]["good"]
    live.fields["beta"].value = best["beta"]
    live.fields["lr"].value = best["lr"]
    assert live.shown["message"][0]["good"]
    assert live.shown["chosen"] == [{"lr": best["lr"], "beta": best["beta"]}]


def test_the_map_shows_the_function_of_the_reader():
    wrong = momentum_map(forgets_its_velocity)
    steps = {cell["lr"]: set() for cell in wrong.shown["cells"]}
    for cell in wrong.shown["cells"]:
        steps[cell["lr"]].add(cell["steps"])
    assert {len(found) for found in steps.values()} == {1}  # beta does not matter


def test_the_lines_of_the_map_are_where_the_roots_of_the_recursion_change():
    lines = edges(kappa=9.0)
    for edge, lr, beta in zip(lines["edge"], lines["x"], lines["y"], strict=True):
        trace = 1 + beta - lr / (9 if edge.startswith("flat") else 1)
        if np.isnan(lr):
            continue
        if edge == "limit":
            assert abs(np.roots([1, -trace, beta])).max() == pytest.approx(1, abs=1e-6)
        else:
            assert trace**2 == pytest.approx(4 * beta, abs=1e-9)
        assert lr <= 2 * (1 + beta) + 1e-9
