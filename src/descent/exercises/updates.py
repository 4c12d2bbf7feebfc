"""What the exercises on update rules share: a small problem, and what is noted of each call."""

import torch

SHAPES = (2, 3), (1, 3), (1,)
SWEEP_SHAPES = (4, 2, 3), (4, 1, 3)


def draw(shapes, seed):
    """Return one double-precision tensor of each shape, drawn without the global generator."""
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(shape, generator=generator, dtype=torch.float64, device="cpu")
        for shape in shapes
    ]


def new_params(shapes=SHAPES, with_gradients=False):
    """Return parameters, with gradients left by an earlier backward pass or without any."""
    params = [param.requires_grad_() for param in draw(shapes, seed=3)]
    if with_gradients:
        for param, gradient in zip(params, draw(shapes, seed=4), strict=True):
            param.grad = gradient
    return params


def bowl(params):
    """Return a convex loss whose gradient in each parameter depends on all of them."""
    own = sum(scale * param.square().sum() for scale, param in enumerate(params, start=1))
    return own + sum(param.sum() for param in params).square() / 2


def record_update(outcome, call, function, params, *state, **hyperparameters):
    """Call an update rule once; note how far it moved the parameters, and what else it left.

    Parameters
    ----------
    outcome : Outcome
        Where to note it.
    call : str
        Which call this is, in words: "call 1".
    function : callable
        The update rule.
    params : list of torch.Tensor
        Changed by the rule.
    *state : list of torch.Tensor
        A velocity, say, changed by the rule.
    **hyperparameters : number or torch.Tensor
        For the rule.
    """
    before = [param.detach().clone() for param in params]
    passed = list(params)
    backward_passes = []
    loss = bowl(params)
    if loss.requires_grad:
        loss.register_hook(lambda gradient: backward_passes.append(1))
    try:
        returned = function(loss, passed, *state, **hyperparameters)
    finally:
        outcome.trace(f"backward passes in {call}", len(backward_passes))
        for index, param in enumerate(params):
            outcome.trace(f"the gradient of params[{index}] after {call}", param.grad)
    outcome.trace(f"new tensors from {call}", _holds_new_tensors(returned, [loss, *params]))
    outcome.trace(f"new tensors in params after {call}", _holds_new_tensors(passed, params))
    for index, (param, old) in enumerate(zip(params, before, strict=True)):
        outcome.note(f"the change of params[{index}] in {call}", param.detach() - old)


def _holds_new_tensors(given, known):
    items = given if isinstance(given, list | tuple) else [given]
    return any(
        isinstance(item, torch.Tensor) and all(item is not one for one in known) for item in items
    )
