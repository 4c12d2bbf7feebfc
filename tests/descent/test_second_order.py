"""L-BFGS against minima that are known, against Newton's method and another implementation."""

import itertools

import pytest
import torch

from descent.landscapes import BOWL, RAVINE, ROSENBROCK
from descent.runs import run_lbfgs, run_newton


def of_two(landscape):
    return lambda u, v: landscape.function(torch.stack([u, v]))


def convex(u, v):
    return (u - 2).exp() + (-u).exp() + 3 * (v + 1).cosh() + 0.1 * (u + v).square()


@pytest.mark.parametrize("landscape", [BOWL, RAVINE, ROSENBROCK], ids=lambda each: each.name)
def test_it_ends_at_the_minimum(landscape):
    path, evaluations = run_lbfgs(of_two(landscape), (-1.5, 0.8))
    assert path[0].tolist() == [-1.5, 0.8]
    torch.testing.assert_close(
        path[-1], torch.tensor(landscape.minima[0]).double(), atol=1e-7, rtol=0
    )
    assert path.dtype == torch.float64
    assert len(evaluations) == len(path) < 60


def test_it_ends_where_newton_and_lbfgs_of_torch_end():
    ours = run_lbfgs(convex, (4.0, 3.0))[0][-1]
    point = torch.tensor([4.0, 3.0], dtype=torch.float64, requires_grad=True)
    exact = {"tolerance_grad": 1e-12, "tolerance_change": 0, "line_search_fn": "strong_wolfe"}
    theirs = torch.optim.LBFGS([point], max_iter=200, **exact)

    def closure():
        theirs.zero_grad()
        loss = convex(*point)
        loss.backward()
        return loss

    theirs.step(closure)
    for end in (point.detach(), run_newton(convex, (4.0, 3.0))):
        torch.testing.assert_close(ours, end, atol=1e-6, rtol=0)


def test_the_loss_falls_with_every_step():
    path, _ = run_lbfgs(of_two(ROSENBROCK), (-1.2, 1.0))
    assert (ROSENBROCK.function(path).diff() < 0)[:-2].all()


def test_evaluations_count_every_call_of_the_function():
    calls = []

    def counted(u, v):
        calls.append(1)
        return convex(u, v)

    path, evaluations = run_lbfgs(counted, (4.0, 3.0), max_iter=6)
    assert len(path) == 7
    assert evaluations[0] == 0
    assert evaluations[-1] == len(calls)
    assert all(later > sooner for sooner, later in itertools.pairwise(evaluations))


def test_the_first_step_goes_against_the_gradient():
    start = torch.tensor([4.0, 3.0], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(convex(*start), start)
    path, _ = run_lbfgs(convex, (4.0, 3.0), max_iter=1)
    torch.testing.assert_close(
        (path[1] - path[0]) / (path[1] - path[0]).norm(), -slope / slope.norm()
    )


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_shorter_run_is_the_beginning_of_a_longer_one(count):
    path, evaluations = run_lbfgs(convex, (4.0, 3.0), max_iter=count)
    longer, more = run_lbfgs(convex, (4.0, 3.0), max_iter=8)
    assert len(path) == count + 1
    assert torch.equal(path, longer[: count + 1])
    assert evaluations == more[: count + 1]


def test_it_stays_at_a_minimum():
    path, _ = run_lbfgs(of_two(BOWL), (0.0, 0.0))
    assert path.tolist() == [[0.0, 0.0]]


def test_a_negative_number_of_steps_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        run_lbfgs(convex, max_iter=-1)
