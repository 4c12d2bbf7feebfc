"""What is special to the demos of chapter 7."""

import numpy as np
import pytest
import torch
from tests.descent.demos.samples import adaptive as samples

from descent import demos
from descent.demos.adaptive import STEPS
from descent.models import MLP, losses_many, stack_models
from descent.optimizers import gradient_update
from descent.reproducibility import SEED
from descent.runs import decades_below


def optimizers_data(rules=samples.RULES, lr=(0.01, 0.3), batch_size=(2, 8), steps=(10, STEPS)):
    images, labels = samples.images_and_labels()
    return demos.optimizers_data(images, labels, rules, lr, batch_size, steps, hidden_dims=[6, 6])


def robustness_data(steps=(20, 40), limit=(0.3, 1.0)):
    return demos.robustness_data(
        samples.RATES.numpy(), samples.RECORDED, samples.sweeps(), steps, limit
    )


def curve(data, method, lr=0, batch_size=0):
    curves = data["curves"]
    return curves["loss"][lr, batch_size, 0][curves["method"].ravel() == method]


def test_gradient_descent_is_run_as_by_hand():
    images, labels = samples.images_and_labels()
    inputs = images.flatten(1).double()
    torch.manual_seed(SEED)
    network = stack_models([MLP(16, hidden_dims=[6, 6])])
    params = [param.detach().double().requires_grad_() for param in network]
    generator = torch.Generator().manual_seed(SEED)
    losses = []
    for _ in range(10):
        losses.append(losses_many(params, inputs, labels).item())
        drawn = torch.randint(40, (8,), generator=generator)
        gradient_update(losses_many(params, inputs[drawn], labels[drawn]).sum(), params, lr=0.3)
    drawn = curve(optimizers_data(), "SGD", lr=1, batch_size=1)
    np.testing.assert_allclose(drawn[:2], [losses[0], losses[5]], rtol=1e-9)


def test_the_random_numbers_of_the_reader_are_left_alone():
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    optimizers_data(lr=[0.1], batch_size=[2], steps=[10])
    assert torch.rand(1) == wanted


def test_the_function_of_the_reader_moves_its_curve_alone():
    def uphill(loss, params, grad_sq, lr=1e-3, alpha=0.8):
        gradient_update(-loss, params, lr)

    right = optimizers_data()
    wrong = optimizers_data(samples.RULES | {"RMSprop": (uphill, {"alpha": [0.9]})})
    climbing = curve(wrong, "RMSprop")
    assert climbing[1] > climbing[0]
    np.testing.assert_array_equal(curve(wrong, "Adam"), curve(right, "Adam"))
    assert "No lower than at the start: RMSprop" in wrong["message"]["text"][0, 0, 1, 0]


def test_the_steps_say_how_much_of_the_curves_is_shown():
    data = optimizers_data()
    shown, steps = data["curves"]["shown"], data["curves"]["step"].ravel()
    assert shown.shape[:3] == (1, 1, 2)
    assert steps[shown[0, 0, 0]].max() == 10
    assert shown[0, 0, 1].all()


def test_methods_are_named_from_the_lowest_loss_up():
    data = optimizers_data()
    text = data["message"]["text"][0, 1, 1, 0]
    reached = {method: curve(data, method, 0, 1)[-1] for method in samples.RULES}
    places = [text.index(method) for method in sorted(reached, key=reached.get)]
    assert places == sorted(places)


def test_it_is_a_success_only_if_all_are_below_the_limit():
    data = optimizers_data()
    for lr, batch_size in np.ndindex(2, 2):
        ends = [curve(data, method, lr, batch_size)[-1] for method in samples.RULES]
        below = sum(end < 0.5 for end in ends)
        assert f"Below 0.5: {below} of 4." in data["message"]["text"][lr, batch_size, 1, 0]
        assert data["message"]["good"][lr, batch_size, 1, 0] == (below == 4)


def test_bars_add_up_to_the_decades_below_the_limit():
    data, sweeps = robustness_data(), samples.sweeps()
    for step, limit in np.ndindex(2, 2):
        left, right = (data["spans"][end][step, limit] for end in ("left", "right"))
        lengths = np.nan_to_num(np.log10(right / left)).reshape(4, 3, -1).sum(axis=-1)
        for row, losses in zip(lengths, sweeps.values(), strict=True):
            wanted = decades_below(samples.RATES, losses[:, 2 * step + 2], (0.3, 1.0)[limit])
            np.testing.assert_allclose(row, wanted, atol=1e-6)
        np.testing.assert_allclose(data["widths"]["decades"][step, limit], lengths.mean(axis=1))


@pytest.mark.parametrize("bad", [torch.inf, torch.nan, 1e30])
def test_diverged_runs_are_drawn_at_the_top_and_have_no_bar(bad):
    sweeps = samples.sweeps()
    sweeps["Adam"][:, -1, 6:] = bad
    data = demos.robustness_data(
        samples.RATES.numpy(), samples.RECORDED, sweeps, steps=[40], limit=[1.0]
    )
    adam = data["seeds"]["method"].ravel() == "Adam"
    assert data["seeds"]["loss"].max() == 4
    assert (data["seeds"]["loss"][0, 0, adam].reshape(3, -1)[:, 6:] == 4).all()
    bars = data["spans"]["method"].ravel() == "Adam"
    assert np.isnan(data["spans"]["left"][0, 0, bars].reshape(3, -1)[:, 6:]).all()


def test_between_recorded_steps_the_earlier_one_is_shown():
    between, recorded = robustness_data(steps=[29], limit=[0.5]), robustness_data([20], [0.5])
    np.testing.assert_array_equal(between["medians"]["loss"], recorded["medians"]["loss"])


def test_the_decades_are_said_in_words():
    data = robustness_data(steps=[40], limit=[0.5])
    text = data["message"]["text"][0, 0, 0]
    assert text.startswith("After 40 steps below 0.5")
    for method, decades in zip(samples.RULES, data["widths"]["decades"][0, 0], strict=True):
        assert f"{method} {decades:.1f}" in text


def test_both_demos_are_drawn_anew_between_the_values_of_a_page():
    shown = samples.four_optimizers()
    before = shown.picture.value
    shown.fields["lr"].value = 0.05
    assert shown.picture.value != before
    shown = samples.robustness()
    before = shown.message.value
    shown.fields["limit"].value = 0.9
    assert shown.message.value != before
