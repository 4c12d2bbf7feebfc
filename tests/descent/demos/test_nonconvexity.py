"""What the demos of the chapter on non-convexity show."""

import numpy as np
import pytest
import torch
from tests.descent.demos.samples.nonconvexity import (
    TINY,
    digits,
    network,
    overparameterization,
    planes,
    slices,
)

from descent.demos.overparameterization import (
    STARTS,
    STEPS,
    count_parameters,
    overparameterization_data,
)
from descent.demos.slices import PLACES, slices_data
from descent.demos.slices import STEPS as STEPS_WITHIN
from descent.landscapes import plane_losses, quadratic, step_along
from descent.models import MLP, losses_many
from descent.optimizers import gradient_update, momentum_update
from descent.reproducibility import SEED


def trained(hidden, lr):
    return overparameterization_data(*digits(), momentum_update, hidden, lr, TINY)


def test_the_parameters_that_are_told_are_those_of_the_network():
    model = MLP(196, 10, (20, 20))
    assert count_parameters(196, (20, 20)) == sum(p.numel() for p in model.parameters())
    assert trained([(3,)], [0.1])["message"]["text"].item().startswith("631 parameters.")


def test_the_message_says_where_the_starts_end():
    data = trained([(6, 6)], [0.1])
    ends = data["chosen"]["loss"].reshape(STARTS, -1)[:, -1]
    assert f"between {ends.min():.2g} and {ends.max():.2g}" in data["message"]["text"].item()
    assert data["message"]["good"].item() == (ends < 0.01).all()


def test_starts_that_do_not_learn_are_counted():
    data = trained([(3,)], [1e-6])
    assert data["message"]["text"].item().endswith("5 of them above 1.")
    assert not data["message"]["good"].item()


def test_the_chosen_curves_are_among_those_of_all_sizes():
    lrs = [0.05, 0.1]
    data = trained(list(TINY.values()), lrs)
    chosen, every = data["chosen"], data["every"]
    for size, name in enumerate(TINY):
        assert chosen["size"][size].item() == name
        same = every["size"][0, 0] == name
        np.testing.assert_array_equal(chosen["loss"][size], every["loss"][0][:, same])
    for column in ("start", "step"):
        assert every[column].shape[-1] == every["loss"].shape[-1]


def test_one_setting_gives_the_same_curves_as_all_together():
    together = trained(list(TINY.values()), [0.05, 0.5])["chosen"]["loss"]
    alone = trained([(6, 6)], [0.5])["chosen"]["loss"]
    np.testing.assert_allclose(alone[0, 0], together[1, 1], rtol=1e-6)


def test_the_curves_are_those_of_a_single_run():
    inputs, targets = digits()
    pooled = inputs.reshape(-1, 14, 2, 14, 2).mean(dim=(2, 4)).flatten(1).double()
    data = trained([(3,)], [0.1])
    ends = data["chosen"]["loss"].reshape(STARTS, -1)[:, -1]
    torch.manual_seed(SEED)
    models = [MLP(196, 10, (3,)).double() for _ in range(STARTS)]
    for model, end in zip(models, ends, strict=True):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        for _ in range(STEPS):
            optimizer.zero_grad()
            torch.nn.functional.nll_loss(model(pooled), targets).backward()
            optimizer.step()
        last = torch.nn.functional.nll_loss(model(pooled), targets).item()
        assert end == pytest.approx(last, rel=1e-6)


def test_the_chapter_draws_the_same_random_numbers_after_the_demo():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trained([(3,)], [0.1])
    assert torch.equal(torch.rand(3), expected)


def test_the_curves_are_those_of_the_rule_that_was_given():
    def without_momentum(loss, params, lr=1e-3, beta=0.9):
        gradient_update(loss, params, lr)

    right, wrong = overparameterization().shown, overparameterization(without_momentum).shown
    assert right["chosen"][-1]["loss"] != wrong["chosen"][-1]["loss"]


def hollow(points):
    """A loss with valleys at (0, 0) and (1, 0), and a ridge between them."""
    x, y = points[..., 0], points[..., 1]
    return 4 * (x * (x - 1)).square() + y.square()


def ends(losses_fn, networks, a, b, lr, update_fn=gradient_update):
    found = slices_data({"plane": losses_fn}, {"plane": networks}, update_fn, ["plane"], a, b, lr)
    return found["message"]["text"][0, ..., 0]


def test_the_message_names_the_valley_in_which_the_descent_ends():
    networks = {"left": [0, 0], "right": [1, 0]}
    said = ends(hollow, networks, [0.25, 0.75], [0.5], [0.2])
    assert said[0, 0, 0].endswith("in the valley of “left”.")
    assert said[1, 0, 0].endswith("in the valley of “right”.")


@pytest.mark.parametrize(
    ("lr", "words"),
    [
        (1e-4, "not yet in a valley."),
        (2.1, "the learning rate is too large."),
        (50.0, "It has diverged: the learning rate is too large."),
    ],
)
def test_the_message_says_why_a_descent_ends_in_no_valley(lr, words):
    [[[said]]] = ends(quadratic([1.0, 1.0]), {"middle": [0, 0]}, [1.0], [0.5], [lr])
    assert said.endswith(words)


def test_a_path_is_that_of_one_network_whose_gradient_is_kept_within_the_plane():
    origin = [param.double() for param in network()]
    directions = [part.double() for part in planes()["random"][0]]
    inputs, targets = digits()
    losses_fn = plane_losses(origin, directions, inputs.double(), targets)
    plane = ({"random": losses_fn}, {"random": {"first": [0, 0]}})
    data = slices_data(*plane, gradient_update, ["random"], [0.5, 1.0], [0.25], [0.1, 0.2])
    place = torch.tensor([1.0, 0.25], dtype=torch.float64, requires_grad=True)
    for step in range(STEPS_WITHIN + 1):
        path = [data["path"][axis][0, 1, 0, 1, step] for axis in "xy"]
        np.testing.assert_allclose(path, place.detach(), rtol=1e-9)
        mixed = [
            (param + torch.tensordot(place, pair, dims=1))[None]
            for param, pair in zip(origin, directions, strict=True)
        ]
        [slope] = torch.autograd.grad(losses_many(mixed, inputs.double(), targets).sum(), place)
        with torch.no_grad():
            place -= 0.2 * slope


def test_one_setting_gives_the_same_path_as_all_together():
    landscapes = {"plane": hollow}
    networks = {"plane": {"left": [0, 0]}}
    rest = (landscapes, networks, gradient_update, ["plane"])
    together = slices_data(*rest, list(PLACES), list(PLACES), [0.05, 0.4])
    alone = slices_data(*rest, [PLACES[2]], [PLACES[5]], [0.4])
    for axis in "xy":
        np.testing.assert_allclose(
            alone["path"][axis][0, 0, 0, 0], together["path"][axis][0, 2, 5, 1]
        )
        np.testing.assert_allclose(
            alone["others"][axis][0, 0, 0, 0], together["others"][axis][0, 0, 0, 1]
        )


def test_a_click_can_choose_every_start_of_the_page():
    live = slices()
    places = [(row["a"], row["b"]) for row in live.shown["targets"]]
    assert sorted(places) == [(a, b) for a in PLACES for b in PLACES]


def test_each_plane_shows_its_own_loss_and_networks():
    live = slices()
    first = live.shown
    live.fields["plane"].value = "three"
    assert [row["name"] for row in live.shown["networks"]] == ["first", "second", "third"]
    for name in ("cells", "contours", "path", "others"):
        assert live.shown[name] != first[name]
    second = live.shown["networks"][1]
    assert (second["x"], second["y"]) == pytest.approx((1, 0))


def test_the_shading_is_the_loss_of_the_network_at_that_place():
    shown = slices().shown["cells"][100::400]
    inputs, targets = digits()
    for cell in shown:
        weights = [param.double() for param in network()]
        for which, size in enumerate((cell["x"], cell["y"])):
            direction = [part[which : which + 1].double() for part in planes()["random"][0]]
            weights = [part[0] for part in step_along(weights, direction, size)]
        loss = losses_many([part[None] for part in weights], inputs.double(), targets).item()
        assert cell["loss"] == pytest.approx(loss, rel=1e-5)
