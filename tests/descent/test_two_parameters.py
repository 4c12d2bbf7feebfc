"""The loss of two freed parameters against the whole model, autograd and finite differences."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.landscapes import loss_2d, two_parameter_losses
from descent.models import MLP, loss_fn

PLACES = st.floats(-20, 20)
steady = settings(derandomize=True, deadline=None, database=None, max_examples=40)


def problem(classes=10, pixels=784, points=40, seed=0):
    generator = torch.Generator().manual_seed(seed)
    model = MLP(pixels, classes)
    with torch.no_grad():
        for param in model.parameters():
            param.copy_(torch.randn(param.shape, generator=generator) / 10)
    inputs = torch.randn(points, pixels, generator=generator)
    targets = torch.randint(classes, (points,), generator=generator)
    return model, inputs, targets


MODEL, INPUTS, TARGETS = problem()


def by_forward_pass(model, u, v, inputs, targets, mask_idx=(0, 378), bias_id=7):
    """Put the two numbers into a copy of the model, and run it in double precision."""
    replaced = copy.deepcopy(model).double()
    with torch.no_grad():
        replaced.main[0].weight[mask_idx] = u
        replaced.main[0].bias[bias_id] = v
        return loss_fn(replaced(inputs.double()), targets).item()


@steady
@given(u=PLACES, v=PLACES)
def test_loss_2d_is_the_loss_of_the_model_with_two_entries_replaced(u, v):
    loss = loss_2d(MODEL, u, v, inputs=INPUTS, targets=TARGETS)
    assert loss.dtype == torch.float64
    assert loss.shape == ()
    assert loss.item() == pytest.approx(
        by_forward_pass(MODEL, u, v, INPUTS, TARGETS), rel=1e-11, abs=1e-11
    )


@pytest.mark.parametrize("mask_idx", [(0, 0), (3, 4), (2, 1)])
@pytest.mark.parametrize("bias_id", [0, 2, 3])
def test_any_weight_and_bias_may_be_freed_also_of_one_class(mask_idx, bias_id):
    model, inputs, targets = problem(classes=4, pixels=5, points=9, seed=1)
    freed = {"mask_idx": mask_idx, "bias_id": bias_id}
    for u, v in ((0.3, -2.0), (-7.0, 4.0)):
        assert loss_2d(
            model, u, v, **freed, inputs=inputs, targets=targets
        ).item() == pytest.approx(by_forward_pass(model, u, v, inputs, targets, **freed), rel=1e-11)


def test_two_classes_leave_no_class_at_rest():
    model, inputs, targets = problem(classes=2, pixels=3, points=7)
    freed = {"mask_idx": (0, 1), "bias_id": 1}
    losses = two_parameter_losses(model, inputs, targets, **freed)
    place = torch.tensor([0.5, -1.5], dtype=torch.float64)
    expected = by_forward_pass(model, 0.5, -1.5, inputs, targets, **freed)
    assert losses(place).item() == pytest.approx(expected, rel=1e-11)
    assert torch.autograd.functional.hessian(losses, place).isfinite().all()


def test_the_own_values_of_the_model_give_its_own_loss():
    u, v = MODEL.main[0].weight[0, 378].item(), MODEL.main[0].bias[7].item()
    loss = loss_2d(MODEL, u, v, inputs=INPUTS, targets=TARGETS).item()
    assert loss == pytest.approx(loss_fn(MODEL(INPUTS), TARGETS).item(), rel=1e-5)


@pytest.mark.parametrize("shape", [(), (1,), (3, 4), (2, 1, 5)])
def test_many_places_at_once_are_those_one_by_one(shape):
    places = torch.randn((*shape, 2), dtype=torch.float64)
    losses = two_parameter_losses(MODEL, INPUTS, TARGETS)(places)
    assert losses.shape == shape
    one_by_one = [
        loss_2d(MODEL, *place, inputs=INPUTS, targets=TARGETS) for place in places.reshape(-1, 2)
    ]
    torch.testing.assert_close(losses.reshape(-1), torch.stack(one_by_one))
    u, v = places.unbind(-1)
    torch.testing.assert_close(loss_2d(MODEL, u, v, inputs=INPUTS, targets=TARGETS), losses)


@steady
@given(u=PLACES, v=PLACES)
def test_gradient_and_hessian_are_those_of_the_whole_model(u, v):
    place = torch.tensor([u, v], dtype=torch.float64, requires_grad=True)

    def through_the_model(place):
        weight = (
            MODEL.main[0]
            .weight.detach()
            .double()
            .index_put((torch.tensor(0), torch.tensor(378)), place[0])
        )
        bias = MODEL.main[0].bias.detach().double().index_put((torch.tensor(7),), place[1])
        scores = INPUTS.double() @ weight.T + bias
        return torch.nn.functional.cross_entropy(scores, TARGETS)

    losses = two_parameter_losses(MODEL, INPUTS, TARGETS)
    [slopes] = torch.autograd.grad(losses(place), place)
    [expected] = torch.autograd.grad(through_the_model(place), place)
    torch.testing.assert_close(slopes, expected, rtol=1e-9, atol=1e-12)
    hessian = torch.autograd.functional.hessian
    torch.testing.assert_close(
        hessian(losses, place.detach()),
        hessian(through_the_model, place.detach()),
        rtol=1e-9,
        atol=1e-12,
    )


def test_the_gradient_is_that_of_finite_differences():
    losses = two_parameter_losses(MODEL, INPUTS, TARGETS)
    places = torch.randn(5, 2, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(losses, places)
    torch.autograd.gradgradcheck(losses, places)


def test_the_model_is_left_as_it_was_and_later_changes_do_not_matter():
    model, inputs, targets = problem(seed=2)
    before = copy.deepcopy(model.state_dict())
    losses = two_parameter_losses(model, inputs, targets)
    first = losses(torch.zeros(2))
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not first.requires_grad
    with torch.no_grad():
        model.main[0].weight.add_(1)
    assert torch.equal(losses(torch.zeros(2)), first)


def test_images_and_vectors_are_the_same_inputs():
    images = INPUTS.reshape(-1, 28, 28)
    place = torch.tensor([1.0, -1.0])
    assert torch.equal(
        two_parameter_losses(MODEL, images, TARGETS)(place),
        two_parameter_losses(MODEL, INPUTS, TARGETS)(place),
    )


@pytest.mark.parametrize("model", [MLP(hidden_dims=[5]), MLP(use_bias=False)])
def test_only_a_linear_model_with_biases_will_do(model):
    with pytest.raises(ValueError, match=r"MLP\(hidden_dims=\[\]\)"):
        two_parameter_losses(model, INPUTS, TARGETS)


@pytest.mark.parametrize(
    ("freed", "said"),
    [
        ({"mask_idx": (10, 0)}, "mask_idx must lie in 0 to 9 and 0 to 783"),
        ({"mask_idx": (0, 784)}, "mask_idx"),
        ({"mask_idx": (-1, 0)}, "mask_idx"),
        ({"bias_id": 10}, "bias_id must lie in 0 to 9"),
        ({"bias_id": -3}, "bias_id"),
    ],
)
def test_a_class_or_pixel_that_is_not_there_is_an_error(freed, said):
    with pytest.raises(ValueError, match=said):
        loss_2d(MODEL, 0.0, 0.0, **freed, inputs=INPUTS, targets=TARGETS)


@pytest.mark.parametrize("targets", [TARGETS[:-1], TARGETS[:, None], TARGETS[:1]])
def test_a_target_for_each_point_is_needed(targets):
    with pytest.raises(ValueError, match="40 points need 40 targets"):
        two_parameter_losses(MODEL, INPUTS, targets)


def test_weights_say_how_much_each_point_counts():
    model, inputs, targets = problem()
    places = torch.randn(7, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    weights = torch.rand(len(targets), generator=torch.Generator().manual_seed(2)).double()
    each = [
        two_parameter_losses(model, inputs[i : i + 1], targets[i : i + 1])(places)
        for i in range(len(targets))
    ]
    weighted = two_parameter_losses(model, inputs, targets, weights=weights)(places)
    torch.testing.assert_close(weighted, torch.stack(each, dim=1) @ weights)
    equal = torch.full_like(weights, 1 / len(weights))
    torch.testing.assert_close(
        two_parameter_losses(model, inputs, targets, weights=equal)(places),
        two_parameter_losses(model, inputs, targets)(places),
    )


def test_a_weight_for_each_point_is_needed():
    model, inputs, targets = problem()
    with pytest.raises(ValueError, match="40 points need 40 weights"):
        two_parameter_losses(model, inputs, targets, weights=torch.ones(3))
