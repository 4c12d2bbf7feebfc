"""The networks against the same computation by hand, and many networks against each alone."""

import itertools
import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from descent.models import (
    MLP,
    accuracy,
    loss_fn,
    losses_many,
    predict_many,
    print_params,
    stack_models,
)
from descent.models.backpropagation import wide

steady = settings(derandomize=True, deadline=None, database=None, max_examples=40)
widths = st.lists(st.integers(1, 6), max_size=3)


def by_hand(model, x):
    """The forward pass in NumPy, from the named parameters alone."""
    params = {name: part.detach().numpy() for name, part in model.named_parameters()}
    names = [name.removesuffix(".weight") for name in params if name.endswith("weight")]
    for index, name in enumerate(names):
        x = x @ params[f"{name}.weight"].T + params.get(f"{name}.bias", 0)
        if index < len(names) - 1:
            x = np.maximum(x, 0)
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


def small_models(count, in_dim, out_dim, hidden_dims):
    models = [MLP(in_dim, out_dim, hidden_dims).double() for _ in range(count)]
    for model in models:
        for part in model.parameters():
            nn.init.normal_(part)
    return models


# ---- One network


@steady
@given(st.integers(1, 7), st.integers(1, 5), widths, st.booleans(), st.integers(0, 99))
def test_forward_pass_equals_the_computation_by_hand(in_dim, out_dim, hidden, bias, seed):
    torch.manual_seed(seed)
    model = MLP(in_dim, out_dim, hidden, use_bias=bias).double()
    x = torch.randn(8, in_dim, dtype=torch.float64)
    np.testing.assert_allclose(model(x).detach().numpy(), by_hand(model, x.numpy()), atol=1e-12)


def test_relu_stands_between_layers_and_not_after_the_last():
    model = MLP(in_dim=1, out_dim=2, hidden_dims=[1])
    with torch.no_grad():
        for part, value in zip(model.parameters(), (1.0, 0.0, [[-1.0], [1.0]], 0.0), strict=True):
            part.copy_(torch.tensor(value))
    positive, negative = model(torch.tensor([[2.0], [-2.0]])).diff(dim=1)[:, 0].tolist()
    assert positive == pytest.approx(4.0)  # scores -2 and 2: a ReLU after the last gives 0 and 2
    assert negative == pytest.approx(0.0)


def test_probabilities_of_each_point_sum_to_one():
    torch.manual_seed(0)
    log_probabilities = MLP(hidden_dims=[30])(torch.randn(50, 784))
    assert log_probabilities.shape == (50, 10)
    torch.testing.assert_close(log_probabilities.exp().sum(dim=1), torch.ones(50))


def test_scores_too_large_for_exp_still_give_finite_log_probabilities():
    model = MLP(in_dim=1, out_dim=3)
    log_probabilities = model(torch.tensor([[1e6], [-1e6]]))
    assert log_probabilities.isfinite().all()


@pytest.mark.parametrize("hidden_dims", [[], (), None], ids=["list", "tuple", "default"])
def test_without_hidden_layers_it_is_logistic_regression(hidden_dims):
    model = MLP() if hidden_dims is None else MLP(hidden_dims=hidden_dims)
    shapes = {name: tuple(part.shape) for name, part in model.named_parameters()}
    assert shapes == {"main.0.weight": (10, 784), "main.0.bias": (10,)}
    x = torch.randn(5, 784)
    expected = F.log_softmax(x @ model.main[0].weight.T + model.main[0].bias, dim=1)
    torch.testing.assert_close(model(x), expected)


@pytest.mark.parametrize(
    ("hidden_dims", "count"), [((), 7850), ((10,), 7960), ((20, 20), 16330), ((100, 100), 89610)]
)
def test_number_of_parameters_is_that_of_the_chapters(hidden_dims, count):
    model = MLP(hidden_dims=hidden_dims)
    assert sum(part.numel() for part in model.parameters()) == count
    ends = (784, *hidden_dims, 10)
    assert count == sum((a + 1) * b for a, b in itertools.pairwise(ends))


def test_without_bias_only_weights_are_left():
    model = MLP(hidden_dims=[20], use_bias=False)
    shapes = {name: tuple(part.shape) for name, part in model.named_parameters()}
    assert shapes == {"main.0.weight": (20, 784), "main.2.weight": (10, 20)}
    assert model(torch.zeros(1, 784)).exp()[0].tolist() == pytest.approx([0.1] * 10)


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (784,)])
def test_images_and_vectors_are_the_same_points(shape):
    torch.manual_seed(1)
    x = torch.randn(6, 784)
    model = MLP(hidden_dims=[8])
    assert torch.equal(model(x.reshape(6, *shape)), model(x))
    many = stack_models([model])
    assert torch.equal(predict_many(many, x.reshape(6, *shape)), predict_many(many, x))


def test_images_that_are_not_contiguous_are_accepted():
    x = torch.randn(28, 28, 6).permute(2, 1, 0)
    model = MLP()
    assert torch.equal(model(x), model(x.contiguous()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden_dims": [0]},
        {"hidden_dims": [20, -1]},
        {"hidden_dims": [2.0]},
        {"hidden_dims": ["20"]},
        {"hidden_dims": [None]},
        {"in_dim": 0},
        {"out_dim": 1.5},
    ],
)
def test_a_width_that_is_not_a_positive_whole_number_is_an_error(wrong):
    with pytest.raises(ValueError, match="width must be a positive whole number"):
        MLP(**wrong)


def test_widths_may_be_whole_numbers_of_numpy():
    assert MLP(hidden_dims=np.array([20, 5])).main[2].weight.shape == (5, 20)


def test_loss_is_the_mean_negative_log_probability_of_the_right_class():
    log_probabilities = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]).log()
    loss = loss_fn(log_probabilities, torch.tensor([0, 1]))
    assert loss.item() == pytest.approx((math.log(2) + math.log(10)) / 2)


def test_print_params_prints_names_and_values_of_trainable_parameters_only(capsys):
    model = MLP(in_dim=2, out_dim=2, hidden_dims=[1])
    with torch.no_grad():
        for index, part in enumerate(model.parameters()):
            part.fill_(index + 0.125)
    model.main[0].bias.requires_grad_(False)
    print_params(model)
    out = capsys.readouterr().out
    shown = [line.split()[0] for line in out.splitlines() if line.startswith("main")]
    assert shown == ["main.0.weight", "main.2.weight", "main.2.bias"]
    assert [value in out for value in ("0.125", "1.125", "2.125", "3.125")] == [1, 0, 1, 1]


def test_accuracy_is_the_share_of_right_answers():
    model = MLP(in_dim=3, out_dim=3, use_bias=False)
    with torch.no_grad():
        model.main[0].weight.copy_(torch.eye(3))
    points = torch.eye(3)[[0, 1, 2, 2]]
    result = accuracy(model, points, torch.tensor([0, 1, 2, 0]))
    assert isinstance(result, float)
    assert result == 0.75


# ---- Many networks


def test_stacked_parameters_have_a_leading_dimension_of_runs():
    params = stack_models([MLP(6, 4, [5]) for _ in range(3)])
    assert [tuple(part.shape) for part in params] == [(3, 6, 5), (3, 1, 5), (3, 5, 4), (3, 1, 4)]
    assert all(part.is_leaf and part.requires_grad for part in params)


def test_stacked_parameters_lie_side_by_side_so_that_no_step_copies_them():
    params = stack_models([MLP(6, 4, [5]) for _ in range(3)])
    assert all(wide(part).data_ptr() == part.data_ptr() for part in params)


def test_stacked_parameters_are_copies():
    models = small_models(2, 3, 2, [4])
    before = [part.clone() for model in models for part in model.parameters()]
    params = stack_models(models)
    with torch.no_grad():
        for part in params:
            part += 1
    after = [part for model in models for part in model.parameters()]
    assert all(torch.equal(*pair) for pair in zip(before, after, strict=True))
    losses_many(params, torch.ones(1, 3).double(), torch.tensor([0])).sum().backward()
    assert all(part.grad is None for part in after)


@steady
@given(
    st.integers(1, 5), st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), widths, st.data()
)
def test_many_networks_give_what_each_gives_alone(runs, points, in_dim, out_dim, hidden, data):
    torch.manual_seed(data.draw(st.integers(0, 99), label="seed"))
    models = small_models(runs, in_dim, out_dim, hidden)
    x = torch.randn(points, in_dim, dtype=torch.float64)
    y = torch.randint(out_dim, (points,))
    params = stack_models(models)
    predictions, losses = predict_many(params, x), losses_many(params, x, y)
    assert predictions.shape == (runs, points, out_dim)
    assert losses.shape == (runs,)
    losses.sum().backward()
    exact = {"rtol": 1e-12, "atol": 1e-12}
    for run, model in enumerate(models):
        alone = model(x)
        torch.testing.assert_close(predictions[run], alone, **exact)
        loss = loss_fn(alone, y)
        torch.testing.assert_close(losses[run], loss, **exact)
        loss.backward()
        layers = [layer for layer in model.main if isinstance(layer, nn.Linear)]
        for layer, weight, bias in zip(layers, params[0::2], params[1::2], strict=True):
            torch.testing.assert_close(weight.grad[run], layer.weight.grad.T, **exact)
            torch.testing.assert_close(bias.grad[run, 0], layer.bias.grad, **exact)


def test_many_networks_of_the_course_give_what_each_gives_alone_in_single_precision():
    torch.manual_seed(2)
    models = [MLP(hidden_dims=[20, 20]) for _ in range(6)]
    x, y = torch.randn(40, 1, 28, 28), torch.randint(10, (40,))
    losses = losses_many(stack_models(models), x, y)
    expected = torch.stack([loss_fn(model(x), y) for model in models])
    torch.testing.assert_close(losses, expected, rtol=1e-6, atol=0)


def test_one_run_that_is_not_finite_leaves_the_others_as_they_are():
    torch.manual_seed(3)
    params = stack_models(small_models(3, 4, 3, [5]))
    x, y = torch.randn(6, 4).double(), torch.randint(3, (6,))
    before = losses_many(params, x, y)
    with torch.no_grad():
        params[0][1] = torch.inf
    losses = losses_many(params, x, y)
    losses.sum().backward()
    assert losses[1].isnan()
    assert torch.equal(losses[[0, 2]], before[[0, 2]])
    assert all(part.grad[[0, 2]].isfinite().all() for part in params)


def test_stacking_no_model_is_an_error():
    with pytest.raises(ValueError, match="at least one model"):
        stack_models([])


def test_stacking_models_without_biases_is_an_error():
    with pytest.raises(ValueError, match="use_bias=True"):
        stack_models([MLP(use_bias=False)])
    with pytest.raises(ValueError, match="use_bias=True"):
        stack_models([MLP(), MLP(use_bias=False)])


@pytest.mark.parametrize("other", [(6, 4, []), (6, 4, [5, 5]), (7, 4, [5]), (6, 3, [5])])
def test_stacking_models_that_do_not_fit_together_is_an_error(other):
    with pytest.raises(ValueError, match="same numbers of inputs, classes and layers"):
        stack_models([MLP(6, 4, [5]), MLP(*other)])


@steady
@given(st.lists(st.lists(st.integers(1, 6), min_size=2, max_size=2), min_size=2, max_size=4))
def test_networks_of_different_widths_give_what_each_gives_alone(dims):
    torch.manual_seed(len(dims))
    models = [MLP(5, 3, hidden).double() for hidden in dims]
    x, y = torch.randn(7, 5, dtype=torch.float64), torch.randint(3, (7,))
    losses = losses_many(stack_models(models), x, y)
    expected = torch.stack([loss_fn(model(x), y) for model in models])
    torch.testing.assert_close(losses, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("targets", [3, 5, (4, 1)])
def test_targets_that_do_not_match_the_points_are_an_error(targets):
    params = stack_models([MLP(2, 3), MLP(2, 3)])
    given = torch.zeros(targets, dtype=torch.long)
    told = f"4 points need 4 targets, not a shape of {tuple(given.shape)}"
    with pytest.raises(ValueError, match=re.escape(told)):
        losses_many(params, torch.zeros(4, 2), given)
