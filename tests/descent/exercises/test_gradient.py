"""Exercise 3 as readers answer it: in many right ways, and in many wrong ones."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.exercises import exercise_3
from descent.exercises.gradient import after_backward, subtracting
from descent.optimizers import gradient_update as course_update
from descent.optimizers import zero_grad
from descent.runs import descend as run_grid
from descent.runs import grid

YOURS = "Exercise 3: correct. From here on the chapter uses your gradient_update."
OURS = (
    "Exercise 3: not implemented yet. From here on the chapter uses the course's gradient_update."
)


def said(capsys):
    return " ".join(capsys.readouterr().out.split())


# ---- Right answers


def with_other_names(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for weight in params:
            slope = weight.grad
            weight -= slope * lr


def with_data_and_sub(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:
        param.data.sub_(lr * param.grad)


def with_new_data(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:
        param.data = param.data - lr * param.grad.data


def with_copy(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param in params:
            param.copy_(param - lr * param.grad)


def with_detach(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:
        param.detach().sub_(lr * param.grad)


def with_own_clearing(loss, params, lr=1e-3):
    for param in params:
        param.grad = None
    loss.backward()
    with torch.no_grad():
        for index in range(len(params)):
            params[index] += -lr * params[index].grad


def with_autograd_grad(loss, params, lr=1e-3):
    gradients = torch.autograd.grad(loss, params)
    with torch.no_grad():
        for param, gradient in zip(params, gradients, strict=True):
            param -= lr * gradient


def with_clearing_at_both_ends(loss, params, lr=1e-3):
    course_update(loss, params, lr)
    zero_grad(params)


def with_backward_in_no_grad(loss, params, lr=1e-3):
    with torch.no_grad():
        zero_grad(params)
        loss.backward()
        for param in params:
            param.sub_(param.grad.mul(lr))


@torch.no_grad()
def with_decorator(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:
        param -= lr * param.grad


def with_prints_and_result(loss, params, lr=1e-3):
    print("before", loss)
    course_update(loss, params, lr)
    return [param.detach().clone() for param in params]


def with_annotations(loss: torch.Tensor, params: list, lr: float = 1e-3) -> None:
    course_update(loss, params, lr)


def with_freezing_and_thawing(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:
        param.requires_grad_(False)
        param -= lr * param.grad
        param.requires_grad_(True)


RIGHT = [
    with_other_names,
    with_data_and_sub,
    with_new_data,
    with_copy,
    with_detach,
    with_own_clearing,
    with_autograd_grad,
    with_clearing_at_both_ends,
    with_backward_in_no_grad,
    with_decorator,
    with_prints_and_result,
    with_annotations,
    with_freezing_and_thawing,
]


@pytest.mark.parametrize("function", RIGHT)
def test_a_right_function_is_used(function, capsys):
    assert exercise_3.check(function) is function
    assert said(capsys) == YOURS


# ---- Right answers for numbers only


def with_alpha(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param in params:
            param.add_(param.grad, alpha=-lr)


def with_foreach(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        torch._foreach_add_(params, [param.grad for param in params], alpha=-lr)


def with_single_precision_lr(loss, params, lr=1e-3):
    course_update(loss, params, torch.tensor(lr, dtype=torch.float32).item())


def with_torch_optim(loss, params, lr=1e-3):
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


NUMBERS_ONLY = [with_alpha, with_foreach, with_single_precision_lr, with_torch_optim]


@pytest.mark.parametrize("function", NUMBERS_ONLY)
def test_a_function_for_numbers_is_used_for_numbers(function, capsys):
    chosen = exercise_3.check(function)
    assert said(capsys) == (
        "Exercise 3: correct. From here on the chapter uses your gradient_update, "
        "and the course's where it tries many settings at once, as tensors."
    )
    assert chosen is not function
    assert chosen.__wrapped__ is function


def test_the_dispatcher_chooses_by_the_learning_rate():
    calls = []

    def gradient_update(loss, params, lr=1e-3):
        calls.append(lr)
        with_alpha(loss, params, lr)

    chosen = exercise_3.check(gradient_update)
    calls.clear()
    param = torch.ones(2, 1, 3, requires_grad=True)
    rates = torch.tensor([0.5, 0.25]).reshape(2, 1, 1)
    chosen(param.square().sum() / 2, [param], lr=rates)
    assert param[:, 0, 0].tolist() == [0.5, 0.75]
    assert calls == []
    chosen(param.sum(), [param])
    chosen(param.sum(), [param], 0.5)
    chosen(loss=param.sum(), params=[param], lr=0.25)
    assert calls == [1e-3, 0.5, 0.25]


@pytest.mark.parametrize("function", [with_other_names, with_alpha])
def test_the_chosen_function_drives_a_grid_of_runs(function):
    start = [torch.ones(1, 2, dtype=torch.float64)]
    rates = grid(lr=[0.1, 0.5])
    runs = run_grid(
        lambda params: params[0].square().sum(dim=(1, 2)),
        start,
        exercise_3.check(function),
        rates,
        steps=1,
    )
    torch.testing.assert_close(runs.params[0][:, 0, 0], torch.tensor([0.8, 0.0]).double())


# ---- Nothing written yet


def raises_not_implemented(loss, params, lr=1e-3):
    raise NotImplementedError("Exercise 3: compute the gradients and take the step")


def stub(loss, params, lr=1e-3):
    """Take one gradient step on every parameter, in place."""
    ...  # forget the gradients of the step before
    ...  # compute the gradients of this loss
    with torch.no_grad():
        for _param in params:
            ...  # take the step


def only_pass(loss, params, lr=1e-3):
    pass


def only_ellipsis(loss, params, lr=1e-3): ...


def only_docstring(loss, params, lr=1e-3):
    """Take one gradient step on every parameter, in place."""


def returns_ellipsis(loss, params, lr=1e-3):
    return ...


def blank_in_expression(loss, params, lr=1e-3):
    loss.backward()
    with torch.no_grad():
        for param in params:
            param -= lr * ...


UNWRITTEN = [
    raises_not_implemented,
    stub,
    only_pass,
    only_ellipsis,
    only_docstring,
    returns_ellipsis,
    blank_in_expression,
]


@pytest.mark.parametrize("function", UNWRITTEN)
def test_an_unwritten_function_is_not_a_mistake(function, capsys):
    assert exercise_3.check(function) is course_update
    assert said(capsys) == OURS


# ---- The stub, filled in line by line, and mistakes written in other ways than in the table


def first_blank(loss, params, lr=1e-3):
    zero_grad(params)
    ...
    with torch.no_grad():
        for _param in params:
            ...


def second_blank(loss, params, lr=1e-3):
    ...
    loss.backward()
    with torch.no_grad():
        for _param in params:
            ...


def third_blank(loss, params, lr=1e-3):
    ...
    ...
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad


def without_first_blank(loss, params, lr=1e-3):
    ...
    loss.backward()
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad


def without_second_blank(loss, params, lr=1e-3):
    zero_grad(params)
    ...
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad


def without_third_blank(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for _param in params:
            ...


def uphill_by_autograd(loss, params, lr=1e-3):
    gradients = torch.autograd.grad(loss, params)
    for param, gradient in zip(params, gradients, strict=True):
        param.data += lr * gradient


def uphill_and_clears(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:
        param.data.add_(param.grad, alpha=lr)
    zero_grad(params)


def copies_by_autograd(loss, params, lr=1e-3):
    for param, gradient in zip(params, torch.autograd.grad(loss, params), strict=True):
        param = param - lr * gradient


def copies_by_method(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:
        param.sub(lr * param.grad)


def copies_and_returns_loss(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    params = [param - lr * param.grad for param in params]
    return loss


def forgets_no_grad(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:
        param.sub_(lr * param.grad)


def returns_in_loop(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad
            return params
    return params


def first_by_autograd(loss, params, lr=1e-3):
    gradients = torch.autograd.grad(loss, params)
    with torch.no_grad():
        params[0] -= lr * gradients[0]


def steps_outside_loop(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    for param in params:  # noqa: B007
        pass
    param.data -= lr * param.grad


def switches_recording_off(loss, params, lr=1e-3):
    zero_grad(params)
    loss.backward()
    torch.set_grad_enabled(False)
    for param in params:
        param -= lr * param.grad


def multiplies_in_other_order(loss, params, lr=1e-3):
    with torch.no_grad():
        for param in params:
            param -= param.grad * lr


RECOGNISED = [
    (first_blank, "There is no gradient where your step needs one."),
    (second_blank, "The parameters are the same after the call as before."),
    (third_blank, "There is no gradient where your step needs one."),
    (without_first_blank, "Gradients pile up"),
    (without_second_blank, "There is no gradient where your step needs one."),
    (without_third_blank, "The parameters are the same after the call as before."),
    (uphill_by_autograd, "Your step goes uphill"),
    (uphill_and_clears, "Your step goes uphill"),
    (copies_by_autograd, "The parameters are the same after the call as before."),
    (copies_by_method, "The parameters are the same after the call as before."),
    (copies_and_returns_loss, "The parameters are the same after the call as before."),
    (forgets_no_grad, "PyTorch refuses to change a parameter in place"),
    (returns_in_loop, "Only the first parameter moves."),
    (first_by_autograd, "Only the first parameter moves."),
    (steps_outside_loop, "Only the last parameter moves."),
    (switches_recording_off, "After your first step, PyTorch no longer computes gradients"),
    (multiplies_in_other_order, "There is no gradient where your step needs one."),
]


@pytest.mark.parametrize(("function", "message"), RECOGNISED)
def test_a_mistake_is_recognised_however_it_is_written(function, message, capsys):
    assert exercise_3.check(function) is course_update
    text = said(capsys)
    assert text.startswith(f"Exercise 3: not right yet. {message}")
    assert text.endswith("From here on the chapter uses the course's gradient_update.")


# ---- Mistakes that are in no table


def test_an_unknown_mistake_is_told_in_numbers(capsys):
    def gradient_update(loss, params, lr=1e-3):
        course_update(loss, params, 2 * lr)

    assert exercise_3.check(gradient_update) is course_update
    text = said(capsys)
    words = text.split("should be ")[1].split()
    wanted, actual = float(words[0]), float(words[3].rstrip("."))
    assert "In our test, the change of params[0] in call 1 (lr=0.125) at [0, 0] should be" in text
    assert actual == pytest.approx(2 * wanted, rel=1e-3)


@settings(deadline=None, max_examples=60)
@given(factor=st.just(1.0) | st.floats(-1e3, 1 - 1e-6) | st.floats(1 + 1e-6, 1e3))
def test_no_multiple_of_the_step_is_right(factor):
    scaled = subtracting(lambda param, lr: factor * lr * param.grad)
    assert (exercise_3.problem(scaled) == "") is (factor == 1)


@settings(deadline=None, max_examples=40)
@given(index=st.integers(0, 2), entry=st.integers(0, 100), error=st.floats(1e-6, 1e6))
def test_a_single_wrong_number_is_found(index, entry, error):
    def nudge(params, lr):
        with torch.no_grad():
            for param in params:
                param -= lr * param.grad
            flat = params[index].view(-1)
            flat[entry % len(flat)] += error

    problem = exercise_3.problem(after_backward(nudge))
    assert f"params[{index}] in call 1" in problem


@settings(deadline=None, max_examples=40)
@given(lr=st.floats(1e-6, 10), steps=st.integers(1, 4))
def test_what_is_accepted_steps_as_the_course_does(lr, steps):
    ends = []
    for function in (course_update, *RIGHT, *NUMBERS_ONLY[:2]):
        param = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        for _ in range(steps):
            function(param.cos().sum() + param.prod(), [param], lr)
        ends.append(param.detach())
    for end in ends[1:]:
        torch.testing.assert_close(end, ends[0])
