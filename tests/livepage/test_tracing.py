"""The emitter against PyTorch itself: the JavaScript is run in a browser on the same numbers."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from livepage.tracing import to_javascript

DRAWS = 40


@pytest.fixture(scope="module")
def script_page(browser):
    page = browser.new_page()
    yield page
    page.close()


def flat(result):
    parts = [result] if torch.is_tensor(result) else result
    return torch.cat([part.detach().double().flatten() for part in parts])


def run_javascript(page, source, rows):
    """Return what a function gives for each row of inputs; infinities and NaN come as texts."""
    call = "([source, rows]) => rows.map(row => eval(source)(row).map(String))"
    results = page.evaluate(call, [source, rows])
    return torch.tensor([[float(text) for text in row] for row in results], dtype=torch.float64)


def numbers(*shape, low=-2.0, high=2.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(shape, generator=generator, dtype=torch.float64)


def assert_agrees(page, function, *shapes, low=-2.0, high=2.0, tolerance=1e-12):
    """Assert that the JavaScript of a function gives what PyTorch does, for many inputs."""
    draws = [
        [numbers(*shape, low=low, high=high, seed=7 * draw + k) for k, shape in enumerate(shapes)]
        for draw in range(DRAWS)
    ]
    source = to_javascript(function, *draws[0])
    found = run_javascript(page, source, [flat(draw).tolist() for draw in draws])
    expected = torch.stack([flat(function(*(part.clone() for part in draw))) for draw in draws])
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True)


# ---- Single operations, with broadcasting

ONE = {
    name: getattr(torch, name)
    for name in [
        "abs",
        "asin",
        "atan",
        "ceil",
        "cos",
        "cosh",
        "exp",
        "exp2",
        "expm1",
        "floor",
        "neg",
        "reciprocal",
        "relu",
        "sigmoid",
        "sign",
        "sin",
        "sinh",
        "square",
        "tan",
        "tanh",
    ]
}
POSITIVE = {name: getattr(torch, name) for name in ("log", "log1p", "sqrt", "rsqrt")}
TWO = {
    name: getattr(torch, name)
    for name in [
        "add",
        "atan2",
        "div",
        "eq",
        "ge",
        "gt",
        "le",
        "logaddexp",
        "lt",
        "maximum",
        "minimum",
        "mul",
        "ne",
        "sub",
    ]
}


@pytest.mark.parametrize("name", ONE)
def test_a_function_of_one_number_is_that_of_torch(script_page, name):
    low, high = (-0.99, 0.99) if name == "asin" else (-2.0, 2.0)
    assert_agrees(script_page, ONE[name], (2, 3), low=low, high=high)


@pytest.mark.parametrize("name", POSITIVE)
def test_a_function_of_a_positive_number_is_that_of_torch(script_page, name):
    assert_agrees(script_page, POSITIVE[name], (3,), low=0.01, high=9)


@pytest.mark.parametrize("name", TWO)
def test_a_function_of_two_numbers_broadcasts_as_torch_does(script_page, name):
    assert_agrees(script_page, lambda a, b: TWO[name](a, b).double(), (2, 1), (3,))


MORE = {
    "alpha": (lambda a, b: (torch.add(a, b, alpha=0.3), torch.sub(a, b, alpha=-2)), (3,), (3,)),
    "clamp": (lambda a: (a.clamp(-1, 0.5), a.clamp(min=0.1), a.clamp(max=0.2)), (5,)),
    "lerp": (lambda a, b, w: torch.lerp(a, b, w), (4,), (4,), (4,)),
    "addcmul": (lambda a, b: (a.addcmul(a, b, value=2.5), a.addcdiv(a, b, value=0.5)), (4,), (4,)),
    "where": (lambda a, b: torch.where(a > b, a, b * 2), (4,), (4,)),
    "powers": (lambda a: (a**2, a**3, a**4, a**-1, 2.0**a, a.abs() ** 0.3, a**1, a**0), (3,)),
    "numbers": (lambda a: (1 - a, 2 / a, 3 * a + 1, -a, a - 0, a * 1, a / 1), (3,)),
    "sums": (lambda a: (a.sum(), a.sum(0), a.sum(dim=(0, 2)), a.sum(1, keepdim=True)), (2, 3, 2)),
    "means": (lambda a: (a.mean(), a.mean(dim=-1), a.mean(0, keepdim=True)), (2, 3)),
    "products": (lambda a, b, c: (a @ b, a @ c, c @ c), (2, 3), (3, 4), (3,)),
    "batched": (lambda a, b: torch.bmm(a, b), (2, 2, 3), (2, 3, 2)),
    "linear": (lambda x, w, b: F.linear(x, w, b), (4, 3), (2, 3), (2,)),
    "empty": (lambda a: a[:0].sum(), (3,)),
}


@pytest.mark.parametrize("name", MORE)
def test_an_operation_with_options_is_that_of_torch(script_page, name):
    function, *shapes = MORE[name]
    assert_agrees(script_page, function, *shapes)


# ---- Numbers that only move

MOVES = {
    "views": lambda a: (a.view(3, 4), a.reshape(-1)[2:5], a.unsqueeze(0).squeeze()),
    "slices": lambda a: (a[1], a[:, 1:3], a[0, ::2], a[..., -1]),
    "orders": lambda a: (a.T, a.permute(1, 0), a.flip(0), a.roll(1, 0), a.transpose(0, 1)),
    "together": lambda a: (torch.stack([a[0], a[1]]), torch.cat([a, a * 2], dim=1)),
    "apart": lambda a: (*a.unbind(1), *a.split(2, dim=1), *a.chunk(2)),
    "repeats": lambda a: (a.repeat(2, 1), a[:1].expand(3, -1), a.diagonal(), a.tril(), a.triu()),
    "padding": lambda a: F.pad(a, (1, 2)),
    "made": lambda a: (
        torch.ones_like(a),
        a.new_zeros(2),
        torch.full_like(a, 2.5) * a,
        torch.arange(2.0, dtype=torch.float64),
        torch.tensor([0.1, -0.0], dtype=torch.float64) + a[0, :2],
    ),
}


@pytest.mark.parametrize("name", MOVES)
def test_numbers_move_as_in_torch(script_page, name):
    assert_agrees(script_page, MOVES[name], (2, 6) if name == "views" else (3, 4))


def change_views(a, b):
    a, b = a.clone(), b.clone()
    row = a[1]
    row.mul_(b).add_(1)  # seen through a
    a[:, 0] = b[0]
    a.t()[2].sub_(0.5)
    b.zero_()
    return a, row, b, a.detach().copy_(torch.ones_like(a) * 3)


def test_a_change_in_place_is_seen_through_all_views(script_page):
    assert_agrees(script_page, change_views, (2, 3), (3,))


def network_gradients(x, w, v):
    x, w, v = (part.clone().requires_grad_() for part in (x, w, v))
    hidden = torch.tanh(x @ w).relu() + (x @ w).sigmoid()
    scores = hidden @ v + x[:, 1:2].exp()
    loss = torch.logaddexp(scores[:, 0], scores[:, 1]).mean() + w.exp().log1p().sum() / 10
    loss.backward()
    return loss.detach(), x.grad, w.grad, v.grad


def test_a_backward_pass_is_traced_too(script_page):
    assert_agrees(script_page, network_gradients, (3, 2), (2, 4), (4, 2), tolerance=1e-11)


# ---- Anything put together

LEAVES = st.sampled_from(["a", "b", "c", "0.5", "-2.0", "3.0"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/"]), parts, parts).map(
            lambda part: f"({part[1]} {part[0]} {part[2]})"
        ),
        st.tuples(st.sampled_from(["tanh", "sin", "exp", "abs", "relu"]), parts).map(
            lambda part: f"torch.{part[0]}(one * {part[1]})"
        ),
    ),
    max_leaves=12,
)


@settings(derandomize=True, deadline=None, database=None, max_examples=60)
@given(EXPRESSIONS, st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_any_expression_gives_what_torch_does(script_page, text, values):
    def function(a, b, c):
        one = torch.ones_like(a)
        return a * 0 + eval(text, {"torch": torch, "a": a, "b": b, "c": c, "one": one})

    inputs = [torch.tensor(part).double() for part in (values[:2], values[2], values[3])]
    source = to_javascript(function, *inputs)
    [found] = run_javascript(script_page, source, [flat(inputs).tolist()])
    expected = flat(function(*inputs))
    usual = expected.abs() < 1e100  # beyond, near poles, only the last digit of a part is left
    torch.testing.assert_close(found[usual], expected[usual], rtol=1e-9, atol=1e-9)
    assert torch.equal(found[~usual].isnan(), expected[~usual].isnan())


CONSTANTS = [0.1, -0.0, 1e-310, math.pi, 1e300, math.inf, -math.inf, math.nan]
NUMBER_AS_TEXT = """source => {
  const value = eval(source)([0])[0];
  return Object.is(value, -0) ? "-0" : String(value);
}"""


@pytest.mark.parametrize("value", CONSTANTS)
def test_a_constant_keeps_all_its_digits(script_page, value):
    source = to_javascript(lambda a: a.new_full((1,), value), torch.zeros(1, dtype=torch.float64))
    text = script_page.evaluate(NUMBER_AS_TEXT, source)
    np.testing.assert_array_equal(float(text), value)
    assert math.isnan(value) or math.copysign(1, float(text)) == math.copysign(1, value)


# ---- The text of a program


def lines(function, *shapes):
    source = to_javascript(function, *(numbers(*shape) for shape in shapes))
    return [line for line in source.splitlines() if line.startswith("const")]


def test_equal_expressions_are_computed_once():
    assert len(lines(lambda a: (a * a).sum() + (a * a).sum(), (2,))) == 4


def test_what_no_result_needs_is_left_out():
    def function(a):
        a.exp().sin()
        return a + 1

    assert lines(function, ()) == ["const v0 = x[0] + 1;"]


def test_neutral_operations_leave_no_statement():
    assert lines(lambda a: (a * 1 + 0 - 0) / 1, ()) == []
    assert lines(lambda a: a * torch.ones_like(a) + torch.zeros_like(a), (2,)) == []


def test_the_same_function_gives_the_same_text():
    one, other = (to_javascript(network_gradients, *[numbers(2, 2)] * 3) for _ in range(2))
    assert one == other


# ---- What cannot be written


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda a: a.erf(), "aten.erf"),
        (lambda a: a.cumsum(0), "aten.cumsum"),
        (lambda a: a.sort()[0], "aten.sort"),
        (lambda a: a.mul_(torch.erf(a)), "aten.erf"),
        (lambda a: torch.div(a, 2, rounding_mode="floor"), "rounding_mode"),
    ],
)
def test_an_unknown_operation_is_named(function, name):
    with pytest.raises(NotImplementedError, match=name):
        to_javascript(function, numbers(3))


def test_padding_with_another_number_than_zero_is_refused():
    with pytest.raises(NotImplementedError, match="padding with zeros"):
        to_javascript(lambda a: F.pad(a, (1, 0), value=1.0), numbers(3))


def test_less_than_double_precision_is_refused():
    with pytest.raises(TypeError, match=r"argument 1 is of type torch\.float32"):
        to_javascript(torch.add, numbers(3), numbers(3).float())
    with pytest.raises(NotImplementedError, match="float32"):
        to_javascript(lambda a: a.float().double(), numbers(3))


def test_a_choice_by_value_is_refused():
    with pytest.raises(ValueError, match=r"cannot be traced.*data-dependent control flow"):
        to_javascript(lambda a: a * 2 if a.sum() > 0 else a, numbers(3))


def test_the_arguments_are_left_as_they_were():
    example = numbers(3)
    before = example.clone()
    to_javascript(lambda a: a.mul_(3), example)
    assert torch.equal(example, before)
