import torch
from tests.descent.inputs.calls.small import model

from descent import optimizers


def params():
    return [torch.ones(2, 3, requires_grad=True), torch.ones(1, 3, requires_grad=True)]


def state():
    return [torch.zeros(2, 3), torch.zeros(1, 3)]


def update(**more):
    given = params()
    loss = sum(param.square().sum() for param in given)
    return {"loss": loss, "params": given, "lr": 0.1} | more


CALLS = {
    optimizers.zero_grad: lambda: {"params": params()},
    optimizers.random_update: lambda: {
        "model": model(),
        "noise_scale": 0.1,
        "normalized": True,
    },
    optimizers.gradient_update: update,
    optimizers.momentum_update: lambda: update(grad_vel=state(), beta=0.9),
    optimizers.nesterov_update: lambda: update(grad_vel=state(), beta=0.9),
    optimizers.adagrad_update: lambda: update(grad_sq_sum=state(), epsilon=1e-8),
    optimizers.rmsprop_update: lambda: update(grad_sq=state(), alpha=0.9, epsilon=1e-8),
    optimizers.adam_update: lambda: update(
        grad_mean=state(), grad_sq=state(), steps=state(), beta1=0.9, beta2=0.999, epsilon=1e-8
    ),
}
