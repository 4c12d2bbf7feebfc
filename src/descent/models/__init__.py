"""The networks of the course: one at a time, or many at once."""

from torch.nn import functional as F

from descent.arguments import explain_errors
from descent.models.many import losses_many, predict_many, stack_models
from descent.models.network import MLP, accuracy, print_params

__all__ = [
    "MLP",
    "accuracy",
    "loss_fn",
    "losses_many",
    "predict_many",
    "print_params",
    "stack_models",
]

loss_fn = F.nll_loss
"""Negative log-likelihood of the right class, averaged over the points: the surrogate loss."""

explain_errors(__name__)
