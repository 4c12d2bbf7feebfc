"""Exercise 4 as readers answer it: in many right ways, and in many wrong ones."""

import re
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from myst_nb.core.read import read_myst_markdown_notebook

from descent.exercises import exercise_4
from descent.exercises.momentum import keeping, stepping
from descent.optimizers import momentum_update as course_update
from descent.optimizers import zero_grad
from descent.runs import descend as run_grid
from descent.runs import grid

CHAPTER = Path(__file__).parents[3] / "book" / "momentum.md"
YOURS = "Exercise 4: correct. From here on the chapter uses your momentum_update."
OURS = (
    "Exercise 4: not implemented yet. From here on the chapter uses the course's momentum_update."
)


def said(capsys):
    return " ".join(capsys.readouterr().out.split())


# ---- Right answers


def with_other_names(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for weight, speed in zip(params, grad_vel, strict=True):
            speed.copy_(speed * beta - weight.grad * lr)
            weight += speed


def with_list_of_new_tensors(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for index, param in enumerate(params):
            grad_vel[index] = beta * grad_vel[index] - lr * param.grad
            param += grad_vel[index]


def with_data(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    for param, v in zip(params, grad_vel, strict=True):
        v.data = beta * v.data - lr * param.grad.data
        param.data = param.data + v


def with_slices(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            v[:] = beta * v - lr * param.grad
            param[:] = param + v


@torch.no_grad()
def with_decorator(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    for param, v in zip(params, grad_vel, strict=True):
        v *= beta
        v -= lr * param.grad
        param.add_(v)


def with_autograd_grad(loss, params, grad_vel, lr=1e-3, beta=0.8):
    gradients = torch.autograd.grad(loss, params)
    with torch.no_grad():
        for param, v, gradient in zip(params, grad_vel, gradients, strict=True):
            v.mul_(beta).sub_(lr * gradient)
            param += v


def in_two_loops(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    for param, v in zip(params, grad_vel, strict=True):
        v.mul_(beta)
        v.sub_(lr * param.grad)
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            param += v


def with_step_before_velocity(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            step = beta * v - lr * param.grad
            param += step
            v.copy_(step)


def with_result(loss, params, grad_vel, lr=1e-3, beta=0.8):
    course_update(loss, params, grad_vel, lr=lr, beta=beta)
    return grad_vel


RIGHT = [
    with_other_names,
    with_list_of_new_tensors,
    with_data,
    with_slices,
    with_decorator,
    with_autograd_grad,
    in_two_loops,
    with_step_before_velocity,
    with_result,
]


@pytest.mark.parametrize("function", RIGHT)
def test_a_right_function_is_used(function, capsys):
    assert exercise_4.check(function) is function
    assert said(capsys) == YOURS


# ---- Right answers for numbers only


def with_alpha(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            v.mul_(beta).add_(param.grad, alpha=-lr)
            param.add_(v)


def with_torch_optim(loss, params, grad_vel, lr=1e-3, beta=0.8):
    optimizer = torch.optim.SGD(params, lr=lr, momentum=beta)
    for param, v in zip(params, grad_vel, strict=True):
        optimizer.state[param]["momentum_buffer"] = -v / lr  # PyTorch keeps it without lr
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    for param, v in zip(params, grad_vel, strict=True):
        v.copy_(-lr * optimizer.state[param]["momentum_buffer"])


@pytest.mark.parametrize("function", [with_alpha, with_torch_optim])
def test_a_function_for_numbers_is_used_for_numbers(function, capsys):
    chosen = exercise_4.check(function)
    assert said(capsys) == (
        "Exercise 4: correct. From here on the chapter uses your momentum_update, "
        "and the course's where it tries many settings at once, as tensors."
    )
    assert chosen.__wrapped__ is function


@pytest.mark.parametrize("function", [*RIGHT, with_alpha])
def test_the_chosen_function_drives_a_grid_of_runs(function):
    def run(update):
        start = [torch.ones(1, 2, dtype=torch.float64)]
        return run_grid(
            lambda params: params[0].square().sum(dim=(1, 2)),
            start,
            update,
            grid(lr=[0.1, 0.5], beta=[0.0, 0.9]),
            steps=4,
        ).losses

    torch.testing.assert_close(run(exercise_4.check(function)), run(course_update))


# ---- Nothing written yet


def stub_of_the_chapter():
    """Return the function that a reader finds in the chapter, and its source."""
    cells = read_myst_markdown_notebook(CHAPTER.read_text()).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    [source] = [source for source in code if "def momentum_update(" in source]
    space = {"torch": torch}
    exec(source, space)
    return space["momentum_update"], source


def test_the_stub_of_the_chapter_is_not_implemented_yet(capsys):
    stub, source = stub_of_the_chapter()
    assert source.count("...") == 2
    assert exercise_4.check(stub) is course_update
    assert said(capsys) == OURS


@pytest.mark.parametrize("page", ["momentum", "instructors"])
def test_the_solution_on_the_page_is_right(page, capsys):
    text = CHAPTER.with_stem(page).read_text()
    [source] = re.findall(r"^```python\n(def momentum_update\(.*?)^```$", text, re.M | re.S)
    space = {"torch": torch, "zero_grad": zero_grad}
    exec(source, space)
    assert exercise_4.check(space["momentum_update"]) is space["momentum_update"]
    assert said(capsys) == YOURS


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("beta * velocity - lr * param.grad", "velocity", YOURS),
        ("beta * velocity - lr * param.grad", "...", OURS),
        ("...", "velocity", OURS),
    ],
)
def test_the_stub_filled_in_is_right_and_half_of_it_is_not_implemented(
    first, second, verdict, capsys
):
    _, source = stub_of_the_chapter()
    space = {"torch": torch}
    exec(source.replace("...", first, 1).replace("+= ...", f"+= {second}"), space)
    exercise_4.check(space["momentum_update"])
    assert said(capsys) == verdict


def raises_not_implemented(loss, params, grad_vel, lr=1e-3, beta=0.8):
    raise NotImplementedError


def only_pass(loss, params, grad_vel, lr=1e-3, beta=0.8):
    pass


@pytest.mark.parametrize("function", [raises_not_implemented, only_pass])
def test_an_unwritten_function_is_not_a_mistake(function, capsys):
    assert exercise_4.check(function) is course_update
    assert said(capsys) == OURS


# ---- Mistakes written in other ways than in the table


def filled(first, second):
    """Return the chapter's stub with its two blanks filled in."""
    _, source = stub_of_the_chapter()
    space = {"torch": torch}
    exec(source.replace("...", first, 1).replace("+= ...", f"+= {second}"), space)
    return space["momentum_update"]


def velocity_in_a_new_list(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        grad_vel = [beta * v - lr * p.grad for v, p in zip(grad_vel, params, strict=True)]
        for param, v in zip(params, grad_vel, strict=True):
            param.add_(v)


def velocity_by_name(loss, params, grad_vel, lr=1e-3, beta=0.8):
    gradients = torch.autograd.grad(loss, params)
    for param, v, gradient in zip(params, grad_vel, gradients, strict=True):
        v = v * beta - lr * gradient
        param.data += v


def forgets_no_grad(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    for param, v in zip(params, grad_vel, strict=True):
        v.copy_(beta * v - lr * param.grad)
        param.add_(v)


def forgets_zero_grad(loss, params, grad_vel, lr=1e-3, beta=0.8):
    loss.backward()
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            v *= beta
            v -= lr * param.grad
            param += v


def forgets_backward(loss, params, grad_vel, lr=1e-3, beta=0.8):
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            v.sub_(param.grad * lr)
            param += v


def returns_in_loop(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            v.mul_(beta).sub_(lr * param.grad)
            param += v
            return params
    return params


def moves_a_copy(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    for param, v in zip(params, grad_vel, strict=True):
        v.mul_(beta).sub_(lr * param.grad)
        param.clone().detach().add_(v)


def late_by_one(loss, params, grad_vel, lr=1e-3, beta=0.8):
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, v in zip(params, grad_vel, strict=True):
            param += v
        for param, v in zip(params, grad_vel, strict=True):
            v.mul_(beta).sub_(lr * param.grad)


def calls_sgd_of_torch(loss, params, grad_vel, lr=1e-3, beta=0.8):
    optimizer = torch.optim.SGD(params, lr=lr, momentum=beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


RECOGNISED = [
    (filled("beta * velocity + lr * param.grad", "velocity"), "Your velocity adds the gradient"),
    (filled("beta * velocity - lr * param.grad", "-velocity"), "Your velocity is right and"),
    (filled("beta * velocity + lr * param.grad", "-velocity"), "Your velocity points the other"),
    (filled("beta * velocity + param.grad", "-lr * velocity"), "You multiply the velocity by lr"),
    (filled("beta * velocity - lr * param.grad", "lr * velocity"), "The learning rate enters"),
    (filled("beta * velocity - (1 - beta) * lr * param.grad", "velocity"), "You weight the"),
    (filled("velocity - lr * param.grad", "velocity"), "Your velocity never fades"),
    (filled("beta * velocity - param.grad", "velocity"), "Your step does not depend on"),
    (filled("beta * velocity", "velocity"), "Your velocity only loses speed"),
    (filled("-lr * param.grad", "velocity"), "This is plain gradient descent"),
    (filled("lr * (beta * velocity - param.grad)", "velocity"), "The learning rate multiplies"),
    (
        filled("beta * velocity - lr * param.grad", "beta * velocity - lr * param.grad"),
        "This is Nesterov's step",
    ),
    (velocity_in_a_new_list, "grad_vel is the same after the call as before"),
    (velocity_by_name, "grad_vel is the same after the call as before"),
    (calls_sgd_of_torch, "This is plain gradient descent"),
    (forgets_no_grad, "PyTorch refuses to change a parameter in place"),
    (forgets_zero_grad, "Gradients pile up"),
    (forgets_backward, "There is no gradient where your velocity needs one."),
    (returns_in_loop, "Only the first parameter moves."),
    (moves_a_copy, "The velocity is right, but the parameters are the same"),
    (late_by_one, "The parameter moves before its velocity is new"),
]


@pytest.mark.parametrize(("function", "message"), RECOGNISED)
def test_a_mistake_is_recognised_however_it_is_written(function, message, capsys):
    assert exercise_4.check(function) is course_update
    text = said(capsys)
    assert text.startswith(f"Exercise 4: not right yet. {message}")
    assert text.endswith("From here on the chapter uses the course's momentum_update.")


# ---- Mistakes that are in no table, loops and crashes


def test_an_endless_loop_is_stopped_and_named(capsys):
    def momentum_update(loss, params, grad_vel, lr=1e-3, beta=0.8):
        while True:
            zero_grad(params)

    assert exercise_4.check(momentum_update) is course_update
    text = said(capsys)
    assert "It was stopped after 2 seconds" in text
    assert "Is there a loop that never ends?" in text


def test_a_crash_is_told_with_its_line(capsys):
    def momentum_update(loss, params, grad_vel, lr=1e-3, beta=0.8):
        zero_grad(params)
        loss.backward()
        params[3] += grad_vel[3]

    assert exercise_4.check(momentum_update) is course_update
    text = said(capsys)
    assert "in line 4 of your function" in text
    assert "IndexError" in text


def test_other_arguments_are_told(capsys):
    def momentum_update(loss, params, velocity, lr=1e-3, beta=0.8):
        course_update(loss, params, velocity, lr, beta)

    assert exercise_4.check(momentum_update) is course_update
    assert "def momentum_update(loss, params, grad_vel, lr=0.001, beta=0.8)" in said(capsys)


@settings(deadline=None, max_examples=12)
@given(factor=st.just(1.0) | st.floats(-1e3, 1 - 1e-6) | st.floats(1 + 1e-6, 1e3))
def test_no_multiple_of_the_gradient_and_of_the_velocity_is_right(factor):
    scaled = [
        keeping(lambda v, g, lr, beta: beta * v - factor * lr * g),
        keeping(lambda v, g, lr, beta: factor * beta * v - lr * g),
        stepping(lambda old, v, g, lr, beta: factor * v),
    ]
    assert [exercise_4.problem(f) == "" for f in scaled] == [factor == 1] * 3


@settings(deadline=None, max_examples=15)
@given(lr=st.floats(1e-6, 1), beta=st.floats(0.01, 1), steps=st.integers(1, 4))
def test_what_is_accepted_steps_as_the_course_does(lr, beta, steps):
    ends = []
    for function in (course_update, *RIGHT, with_alpha, with_torch_optim):
        param = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        grad_vel = [torch.zeros_like(param)]
        for _ in range(steps):
            function(param.cos().sum() + param.prod(), [param], grad_vel, lr, beta)
        ends.append(torch.cat([param.detach(), grad_vel[0]]))
    for end in ends[1:]:
        torch.testing.assert_close(end, ends[0])
