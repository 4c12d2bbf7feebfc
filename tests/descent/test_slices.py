"""Slices through the loss of a network, and changes of it that leave what it computes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.landscapes import (
    SADDLE,
    curvature_range,
    filter_normalized,
    permute_hidden,
    plane_losses,
    plane_through,
    random_directions,
    rescale_hidden,
    step_along,
)
from descent.landscapes.slices import POINTS_AT_ONCE
from descent.models import MLP, loss_fn, losses_many, predict_many, stack_models

steady = settings(derandomize=True, deadline=None, database=None, max_examples=30)
X = torch.randn(12, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
Y = torch.arange(12) % 3


def network(*hidden_dims, seed=0):
    torch.manual_seed(seed)
    return [part[0].detach() for part in stack_models([MLP(6, 3, hidden_dims).double()])]


def outputs(params):
    return predict_many([part[None] for part in params], X)[0]


def flat(params):
    return torch.cat([part.flatten() for part in params])


widths = st.lists(st.integers(1, 5), min_size=1, max_size=3)


# ---- The same function at another point


@steady
@given(widths, st.integers(0, 1000))
def test_a_renumbered_network_computes_the_same(hidden_dims, seed):
    params = network(*hidden_dims, seed=seed)
    before = [part.clone() for part in params]
    copy = permute_hidden(params, [torch.randperm(width) for width in hidden_dims])
    torch.testing.assert_close(outputs(copy), outputs(params), rtol=1e-10, atol=1e-12)
    assert all(torch.equal(*pair) for pair in zip(params, before, strict=True))


def test_renumbering_moves_each_unit_to_its_new_place():
    params = network(4)
    copy = permute_hidden(params, [torch.tensor([2, 0, 3, 1])])
    assert torch.equal(copy[0][:, 0], params[0][:, 2])
    assert torch.equal(copy[1][0, 3], params[1][0, 1])
    assert torch.equal(copy[2][1], params[2][0])
    assert torch.equal(copy[3], params[3])


def test_renumbering_there_and_back_gives_the_same_network():
    params, order = network(5, 4), [torch.randperm(5), torch.randperm(4)]
    back = permute_hidden(permute_hidden(params, order), [part.argsort() for part in order])
    assert all(torch.equal(*pair) for pair in zip(params, back, strict=True))


def test_many_networks_are_changed_at_once():
    many = [torch.stack(pair) for pair in zip(network(4), network(4, seed=1), strict=True)]
    order = [torch.tensor([3, 1, 0, 2])]
    for change, setting in ((permute_hidden, order), (rescale_hidden, [2.5])):
        together = change(many, setting)
        for run in (0, 1):
            alone = change([part[run] for part in many], setting)
            assert all(torch.equal(t[run], a) for t, a in zip(together, alone, strict=True))


@steady
@given(widths, st.floats(0.01, 100), st.integers(0, 1000))
def test_a_rescaled_network_computes_the_same(hidden_dims, factor, seed):
    params = network(*hidden_dims, seed=seed)
    before = [part.clone() for part in params]
    one_for_all = rescale_hidden(params, [factor] * len(hidden_dims))
    one_each = rescale_hidden(params, [factor * (1 + torch.rand(width)) for width in hidden_dims])
    for copy in (one_for_all, one_each):
        torch.testing.assert_close(outputs(copy), outputs(params), rtol=1e-8, atol=1e-10)
    torch.testing.assert_close(one_for_all[0], factor * params[0])
    assert all(torch.equal(*pair) for pair in zip(params, before, strict=True))


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ([0, 1, 2], "each number from 0 to 3 once: use torch.randperm\\(4\\)"),
        ([0, 1, 2, 2], "each number from 0 to 3 once"),
        ([1, 2, 3, 4], "each number from 0 to 3 once"),
    ],
)
def test_an_order_that_is_no_permutation_is_an_error(order, said):
    with pytest.raises(ValueError, match=said):
        permute_hidden(network(4), [torch.tensor(order)])


@pytest.mark.parametrize("factor", [0.0, -1.0, torch.tensor([1.0, -1.0, 1.0, 1.0]), float("nan")])
def test_a_factor_that_is_not_positive_is_an_error(factor):
    with pytest.raises(ValueError, match="must be positive"):
        rescale_hidden(network(4), [factor])


@pytest.mark.parametrize(
    ("change", "what"), [(permute_hidden, "orders"), (rescale_hidden, "factors")]
)
def test_each_hidden_layer_needs_its_own_setting(change, what):
    with pytest.raises(ValueError, match=f"2 hidden layers needs a list of 2 {what}, but got 1"):
        change(network(4, 5), [torch.arange(4)])


# ---- Directions


def test_a_filter_normalized_direction_is_as_long_as_the_weights_of_each_unit():
    params = network(4, 5)
    raw = random_directions(params, 3)
    scaled = filter_normalized(raw, params)
    for weight, direction in zip(params[0::2], scaled[0::2], strict=True):
        for unit in range(weight.shape[1]):
            for number in range(3):
                length = direction[number, :, unit].norm()
                assert length.item() == pytest.approx(weight[:, unit].norm().item(), rel=1e-12)
    assert all((bias == 0).all() for bias in scaled[1::2])
    for one, other in zip(raw[0::2], scaled[0::2], strict=True):
        cosine = torch.cosine_similarity(one, other, dim=-2)
        assert torch.allclose(cosine, torch.ones_like(cosine))


@steady
@given(st.floats(0.1, 10), st.floats(0.1, 10), st.integers(0, 100))
def test_a_filter_normalized_slice_does_not_change_when_layers_are_rescaled(one, other, seed):
    params = network(4, 5, seed=seed)
    rescaled = rescale_hidden(params, [one, other])
    raw = random_directions(params, 2)
    places = torch.rand(5, 2, dtype=torch.float64)
    before, after = (
        plane_losses(w, filter_normalized(raw, w), X, Y)(places) for w in (params, rescaled)
    )
    torch.testing.assert_close(before, after, rtol=1e-8, atol=1e-10)


def test_normalizing_does_not_depend_on_the_length_of_the_direction():
    params = network(4)
    raw = random_directions(params, 2)
    longer = [7 * part for part in raw]
    for one, other in zip(
        filter_normalized(raw, params), filter_normalized(longer, params), strict=True
    ):
        torch.testing.assert_close(one, other)


def test_a_unit_without_a_direction_stays_where_it_is():
    params = network(4)
    nowhere = [torch.zeros(1, *part.shape, dtype=part.dtype) for part in params]
    assert all((part == 0).all() for part in filter_normalized(nowhere, params))


# ---- Planes


def test_the_plane_through_three_networks_holds_them_where_it_says():
    three = [network(4, seed=seed) for seed in range(3)]
    directions, positions = plane_through(*three)
    found = [
        sum(flat([part[axis] for part in directions]) * place[axis] for axis in (0, 1))
        + flat(three[0])
        for place in positions
    ]
    for there, params in zip(found, three, strict=True):
        torch.testing.assert_close(there, flat(params))
    assert positions[:2].tolist() == [[0, 0], [1, 0]]


def test_the_axes_of_a_plane_are_perpendicular_and_of_one_length():
    three = [network(4, seed=seed) for seed in range(3)]
    directions, positions = plane_through(*three)
    first, second = (flat([part[axis] for part in directions]) for axis in (0, 1))
    assert (first @ second).item() == pytest.approx(0, abs=1e-10)
    assert second.norm().item() == pytest.approx(first.norm().item())
    unit = first.norm()
    for one in range(3):
        for other in range(one):
            apart = (flat(three[one]) - flat(three[other])).norm() / unit
            drawn = (positions[one] - positions[other]).norm()
            assert drawn.item() == pytest.approx(apart.item())


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0, 2.0])
def test_three_networks_on_one_line_are_an_error(share):
    first, second = network(4), network(4, seed=1)
    third = [a + share * (b - a) for a, b in zip(first, second, strict=True)]
    with pytest.raises(ValueError, match="lie on one line"):
        plane_through(first, second, third)
    with pytest.raises(ValueError, match="lie on one line"):
        plane_through(first, first, second)


@pytest.mark.parametrize("hidden_dims", [(), (4,), (4, 5, 3)])
def test_losses_on_a_plane_are_those_of_the_networks_there(hidden_dims):
    params = network(*hidden_dims)
    directions = random_directions(params, 2)
    places = 4 * torch.rand(POINTS_AT_ONCE + 3, 2, dtype=torch.float64) - 2
    found = plane_losses(params, directions, X, Y)(places)
    for place, loss in zip(places, found, strict=True):
        there = [
            part + place[0] * pair[0] + place[1] * pair[1]
            for part, pair in zip(params, directions, strict=True)
        ]
        assert loss.item() == pytest.approx(loss_fn(outputs(there), Y).item(), rel=1e-10)


def test_one_direction_gives_a_line():
    params = network(4)
    direction = random_directions(params, 1)
    sizes = torch.linspace(-1, 1, 7, dtype=torch.float64)
    repeated = [part.expand(7, *part.shape[1:]) for part in direction]
    expected = losses_many(step_along(params, repeated, sizes), X, Y)
    found = plane_losses(params, direction, X, Y)(sizes[:, None])
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("shape", [(2,), (3, 2), (3, 1, 2), (2, 3, 4, 2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_losses_have_the_shape_and_the_type_of_their_places(shape, dtype):
    params = network(4)
    losses = plane_losses(params, random_directions(params, 2), X, Y)
    places = torch.rand(shape, dtype=dtype)
    found = losses(places)
    assert found.shape == shape[:-1]
    assert found.dtype == dtype
    one_by_one = torch.stack([losses(place) for place in places.reshape(-1, 2)])
    torch.testing.assert_close(found.flatten(), one_by_one)


def test_the_gradient_within_the_plane_is_that_of_finite_differences():
    params = network(4)
    losses = plane_losses(params, random_directions(params, 2), X, Y)
    place = torch.tensor([0.3, -0.7], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(losses, place, eps=1e-6, atol=1e-6)


def test_a_slice_leaves_the_network_alone():
    params = network(4)
    before = [part.clone() for part in params]
    plane_losses(params, random_directions(params, 2), X, Y)(torch.rand(5, 2))
    assert all(torch.equal(*pair) for pair in zip(params, before, strict=True))


# ---- The range of curvatures


def full_hessian(loss_of, params):
    def of_vector(vector):
        parts = vector.split([part.numel() for part in params])
        return loss_of([part.view_as(p) for part, p in zip(parts, params, strict=True)])

    return torch.autograd.functional.hessian(of_vector, flat(params))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_range_of_curvatures_is_that_of_the_full_hessian(seed):
    params = network(4, seed=seed)

    def loss_of(parts):
        return losses_many([part[None] for part in parts], X, Y)[0]

    exact = torch.linalg.eigvalsh(full_hessian(loss_of, params))
    found = curvature_range(loss_of, params, tolerance=1e-6)
    assert found == pytest.approx((exact[0].item(), exact[-1].item()), rel=1e-4)
    assert found[0] < 0 < found[1]


@pytest.mark.parametrize(
    "curvatures", [[3.0], [-1.0, 2.0], [-5.0, 0.0, 1.0], [2.0, 4.0, 9.0, 11.0]]
)
def test_the_range_of_a_quadratic_is_known_in_any_dimension(curvatures):
    scale = torch.tensor(curvatures, dtype=torch.float64)
    point = [torch.zeros_like(scale)]
    found = curvature_range(lambda w: 0.5 * (scale * w[0] ** 2).sum(), point)
    assert found == pytest.approx((min(curvatures), max(curvatures)))


def test_a_saddle_curves_both_ways_and_its_minima_do_not():
    def loss_of(params):
        return SADDLE.function(params[0])

    def at(place):
        return curvature_range(loss_of, [torch.tensor(place, dtype=torch.float64)])

    assert at((0.0, 0.0)) == pytest.approx((-1, 1))
    for place in SADDLE.minima:
        assert np.min(at(place)) > 0
