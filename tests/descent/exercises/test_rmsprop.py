"""Exercise 7 as readers answer it: in many right ways, and in many wrong ones."""

import re
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.exercises import exercise_7
from descent.exercises.rmsprop import keeping, right_state, stepping
from descent.optimizers import rmsprop_update as course_update
from descent.optimizers import zero_grad
from descent.runs import descend as run_grid
from descent.runs import grid

CHAPTER = Path(__file__).parents[3] / "book" / "adaptive-methods.md"
YOURS = "Exercise 7: correct. From here on the chapter uses your rmsprop_update."
OURS = "Exercise 7: not implemented yet. From here on the chapter uses the course's rmsprop_update."


def said(capsys):
    return " ".join(capsys.readouterr().out.split())


# ---- Right answers


def with_filled_stub(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, mean_square in zip(params, grad_sq, strict=True):
            mean_square.copy_(alpha * mean_square + (1 - alpha) * param.grad.square())
            param -= lr * param.grad / (mean_square + epsilon).sqrt()


def with_other_names(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for weight, seen in zip(params, grad_sq, strict=True):
            slope = weight.grad
            seen *= alpha
            seen += (1 - alpha) * slope**2
            weight -= slope / torch.sqrt(seen + epsilon) * lr


def with_indices_and_data(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    loss.backward()
    for i in range(len(params)):
        g = params[i].grad.data
        grad_sq[i].data = grad_sq[i].data * alpha + (1 - alpha) * g * g
        params[i].data -= lr * g * (grad_sq[i].data + epsilon) ** -0.5


def with_new_tensors_in_the_list(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for i, param in enumerate(params):
            grad_sq[i] = alpha * grad_sq[i] + (1 - alpha) * param.grad.square()
            param -= lr * param.grad / (grad_sq[i] + epsilon).sqrt()


def with_states_first(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    loss.backward()
    for param, s in zip(params, grad_sq, strict=True):
        s.mul_(alpha).add_((1 - alpha) * param.grad * param.grad)
    with torch.no_grad():
        for param, s in zip(params, grad_sq, strict=True):
            param.sub_(lr * param.grad.mul((s + epsilon).rsqrt()))


def with_autograd_grad(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    gradients = torch.autograd.grad(loss, params)
    with torch.no_grad():
        for param, g, s in zip(params, gradients, grad_sq, strict=True):
            s.copy_(right_state(s, g, alpha))
            param -= lr * g / (s + epsilon).sqrt()


def with_lerp(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, s in zip(params, grad_sq, strict=True):
            s.lerp_(param.grad.square(), 1 - alpha)
            param -= lr * param.grad / (s + epsilon).sqrt()


@torch.no_grad()
def with_decorator(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    loss.backward()
    for param, s in zip(params, grad_sq, strict=True):
        s[:] = alpha * s + (1 - alpha) * param.grad.pow(2)
        param -= lr * param.grad / (s + epsilon).pow(0.5)


def with_prints_and_result(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    print("before", loss)
    course_update(loss, params, grad_sq, lr, alpha, epsilon)
    return loss


RIGHT = [
    with_filled_stub,
    with_other_names,
    with_indices_and_data,
    with_new_tensors_in_the_list,
    with_states_first,
    with_autograd_grad,
    with_lerp,
    with_decorator,
    with_prints_and_result,
]


@pytest.mark.parametrize("function", RIGHT)
def test_a_right_function_is_used(function, capsys):
    assert exercise_7.check(function) is function
    assert said(capsys) == YOURS


# ---- Right answers for numbers only


def with_alpha_and_value(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, s in zip(params, grad_sq, strict=True):
            s.mul_(alpha).addcmul_(param.grad, param.grad, value=1 - alpha)
            param.add_(param.grad / (s + epsilon).sqrt(), alpha=-lr)


def with_torch_optim(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    """Scale the gradient ourselves, and have SGD of PyTorch take the step."""
    optimizer = torch.optim.SGD(params, lr=lr)
    optimizer.zero_grad()
    loss.backward()
    gradients = [param.grad for param in params]
    for param, s in zip(params, grad_sq, strict=True):
        s.mul_(alpha).add_((1 - alpha) * param.grad.square())
        param.grad = param.grad / (s + epsilon).sqrt()
    optimizer.step()
    for param, gradient in zip(params, gradients, strict=True):
        param.grad = gradient


@pytest.mark.parametrize("function", [with_alpha_and_value, with_torch_optim])
def test_a_function_for_numbers_is_used_for_numbers(function, capsys):
    chosen = exercise_7.check(function)
    assert said(capsys).startswith("Exercise 7: correct. From here on the chapter uses your")
    assert getattr(chosen, "__wrapped__", chosen) is function


@pytest.mark.parametrize("function", [*RIGHT, with_alpha_and_value, with_torch_optim])
def test_the_chosen_function_drives_a_grid_of_runs_as_the_course_does(function):
    start = [torch.tensor([[1.0, -2.0]], dtype=torch.float64)]
    settings_of_runs = grid(lr=[0.01, 0.1], alpha=[0.5, 0.9])
    ends = [
        run_grid(
            lambda params: params[0].cos().sum(dim=(1, 2)), start, rule, settings_of_runs, 4
        ).params[0]
        for rule in (exercise_7.check(function), course_update)
    ]
    torch.testing.assert_close(*ends)


# ---- Nothing written yet, or half of it


def stub_of_the_chapter():
    """The very cell that the reader completes."""
    cells = re.findall(r"```\{code-cell\}[^\n]*\n(.*?)```", CHAPTER.read_text(), re.DOTALL)
    [source] = [cell for cell in cells if "def rmsprop_update(" in cell]
    return source


def defined_by(source):
    names = {"torch": torch}
    exec(source, names)
    return names["rmsprop_update"]


STATE = "mean_square.copy_(...)"
STEP = "param -= ..."


def test_the_stub_is_not_a_mistake(capsys):
    assert exercise_7.check(defined_by(stub_of_the_chapter())) is course_update
    assert said(capsys) == OURS


def test_the_stub_with_one_line_written_is_not_a_mistake(capsys):
    state = "mean_square.copy_(alpha * mean_square + (1 - alpha) * param.grad.square())"
    step = "param -= lr * param.grad / (mean_square + epsilon).sqrt()"
    for blank, line in ((STATE, state), (STEP, step)):
        assert blank in stub_of_the_chapter()
        exercise_7.check(defined_by(stub_of_the_chapter().replace(blank, line)))
        assert said(capsys) == OURS
    both = stub_of_the_chapter().replace(STATE, state).replace(STEP, step)
    exercise_7.check(defined_by(both))
    assert said(capsys) == YOURS


def only_pass(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    pass


def raises_not_implemented(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    raise NotImplementedError


@pytest.mark.parametrize("function", [only_pass, raises_not_implemented])
def test_an_empty_function_is_not_a_mistake(function, capsys):
    assert exercise_7.check(function) is course_update
    assert said(capsys) == OURS


# ---- Mistakes, written into the stub


def written(state, step):
    return defined_by(stub_of_the_chapter().replace(STATE, state).replace(STEP, step))


GOOD_STATE = "mean_square.mul_(alpha).add_((1 - alpha) * param.grad ** 2)"
GOOD_STEP = "param -= lr * param.grad / (mean_square + epsilon) ** 0.5"
RECOGNISED = [
    (GOOD_STATE, "param -= lr * param.grad / (mean_square ** 0.5 + epsilon)", "Epsilon is outside"),
    (
        GOOD_STATE,
        "param.data -= lr * param.grad / mean_square ** 0.5 + epsilon",
        "Epsilon is added",
    ),
    (
        GOOD_STATE,
        "param -= lr * param.grad / torch.sqrt(mean_square)",
        "Your step does not use the e",
    ),
    (
        GOOD_STATE,
        "param -= lr / (mean_square + epsilon) * param.grad",
        "Your step divides by the mean",
    ),
    (
        GOOD_STATE,
        "param += lr * param.grad / (mean_square + epsilon).sqrt()",
        "Your step goes uphill",
    ),
    (
        GOOD_STATE,
        "param -= param.grad / (mean_square + epsilon).sqrt()",
        "Your step does not use the l",
    ),
    (
        GOOD_STATE,
        "param -= lr * param.grad * (mean_square + epsilon).sqrt()",
        "Your step multiplies",
    ),
    (GOOD_STATE, "param -= param.grad.mul(lr)", "Your step is plain gradient descent"),
    (
        GOOD_STATE,
        "param = param - lr * param.grad / (mean_square + epsilon).sqrt()",
        "The parameters",
    ),
    (
        GOOD_STATE,
        "param.sub(lr * param.grad / (mean_square + epsilon).sqrt())",
        "The parameters are",
    ),
    (
        "mean_square = alpha * mean_square + (1 - alpha) * param.grad ** 2",
        GOOD_STEP,
        "The running mean is not stored",
    ),
    ("mean_square += param.grad ** 2", GOOD_STEP, "Your running mean is a sum of all"),
    ("mean_square.mul_(alpha).add_(param.grad ** 2)", GOOD_STEP, "The new square enters"),
    ("mean_square.mul_(1 - alpha).add_(alpha * param.grad ** 2)", GOOD_STEP, "alpha and 1 - alpha"),
    ("mean_square.lerp_(param.grad, 1 - alpha)", GOOD_STEP, "The gradient enters"),
    ("mean_square[...] = (1 - alpha) * param.grad ** 2", GOOD_STEP, "The old running mean"),
    (
        "mean_square.lerp_((param.grad ** 2).sum(), 1 - alpha)",
        GOOD_STEP,
        "Your running mean is that",
    ),
    (GOOD_STATE.replace("alpha", "0.9"), GOOD_STEP, "Your function does not use the alpha"),
    (GOOD_STATE, GOOD_STEP + "; return params", "Only the first parameter moves"),
    (GOOD_STATE, GOOD_STEP + "; zero_grad(params)", "The gradients are erased once"),
]


@pytest.mark.parametrize(("state", "step", "message"), RECOGNISED, ids=lambda text: text[-34:])
def test_a_mistake_is_recognised_however_it_is_written(state, step, message, capsys):
    assert exercise_7.check(written(state, step)) is course_update
    text = said(capsys)
    assert text.startswith(f"Exercise 7: not right yet. {message}")
    assert text.endswith("From here on the chapter uses the course's rmsprop_update.")


def whole(old, new):
    source = stub_of_the_chapter().replace(STATE, GOOD_STATE).replace(STEP, GOOD_STEP)
    assert old in source
    return defined_by(source.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    zero_grad(params)\n", "", "Gradients pile up"),
        ("    loss.backward()\n", "", "There is no gradient"),
        ("with torch.no_grad():", "if True:", "PyTorch refuses"),
        (
            "zip(params, grad_sq, strict=True)",
            "zip(params, [grad_sq[0]] * 3)",
            "All parameters share",
        ),
        (
            "zero_grad(params)\n    loss.backward()",
            "loss.backward()\n    zero_grad(params)",
            "The gradients are erased before",
        ),
        (
            f"{GOOD_STATE}  # the new running mean\n            {GOOD_STEP}",
            f"{GOOD_STEP}\n            {GOOD_STATE}",
            "Your step uses the old running mean",
        ),
    ],
)
def test_a_mistake_around_the_blanks_is_recognised(old, new, message):
    assert exercise_7.problem(whole(old, new)).startswith(f"not right yet. {message}")


def test_rmsprop_of_torch_has_its_epsilon_outside():
    def rmsprop_update(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
        optimizer = torch.optim.RMSprop(params, lr=lr, alpha=alpha, eps=epsilon)
        for param, s in zip(params, grad_sq, strict=True):
            optimizer.state[param] = {"step": torch.tensor(0.0), "square_avg": s}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    assert "Epsilon is outside the square root" in exercise_7.problem(rmsprop_update)


# ---- Loops without end, crashes, and mistakes that are in no table


def test_a_loop_that_never_ends_is_stopped():
    def rmsprop_update(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
        while True:
            pass

    assert "Is there a loop that never ends?" in exercise_7.problem(rmsprop_update)


def test_a_crash_is_told_with_its_line():
    def rmsprop_update(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
        zero_grad(params)
        loss.backwards()

    problem = exercise_7.problem(rmsprop_update)
    assert "It stops in line 3 of your function (`loss.backwards()`) with AttributeError" in problem


def test_another_first_line_is_shown_the_right_one():
    def rmsprop_update(loss, params, lr=1e-3):
        pass

    assert "def rmsprop_update(loss, params, grad_sq, lr=0.001" in exercise_7.problem(
        rmsprop_update
    )


@settings(deadline=None, max_examples=15)
@given(factor=st.just(1.0) | st.floats(-10, 1 - 1e-6) | st.floats(1 + 1e-6, 10))
def test_no_multiple_of_the_step_or_of_the_mean_is_right(factor):
    stretched = stepping(lambda g, s, lr, epsilon: factor * lr * g / (s + epsilon).sqrt())
    assert (exercise_7.problem(stretched) == "") is (factor == 1)
    weighted = keeping(lambda s, g, alpha: alpha * s + factor * (1 - alpha) * g.square())
    assert (exercise_7.problem(weighted) == "") is (factor == 1)


@settings(deadline=None, max_examples=15)
@given(
    lr=st.floats(1e-3, 1),
    alpha=st.floats(0, 0.99),
    epsilon=st.floats(1e-6, 1),
    steps=st.integers(1, 3),
)
def test_what_is_accepted_steps_as_the_course_does(lr, alpha, epsilon, steps):
    ends = []
    for function in (course_update, *RIGHT, with_alpha_and_value, with_torch_optim):
        param = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        state = [torch.zeros_like(param)]
        for _ in range(steps):
            function(param.cos().sum() + param.prod(), [param], state, lr, alpha, epsilon)
        ends.append(torch.stack([param.detach(), state[0].detach()]))
    for end in ends[1:]:
        torch.testing.assert_close(end, ends[0])
