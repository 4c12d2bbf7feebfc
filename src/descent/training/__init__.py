"""Minibatch training and evaluation."""

from descent.arguments import explain_errors
from descent.training.answers import answers_many, standard_error
from descent.training.cost import measure_update_time, update_times
from descent.training.fast import fast_epoch
from descent.training.fitting import History, eval_model, evaluate, fit, train_epoch
from descent.training.flops import training_flops
from descent.training.loaders import train_epoch_from
from descent.training.minibatches import minibatch_losses
from descent.training.noise import example_gradients, gradient_noise, minibatch_gradients
from descent.training.shifting import shift_images

__all__ = [
    "History",
    "answers_many",
    "eval_model",
    "evaluate",
    "example_gradients",
    "fast_epoch",
    "fit",
    "gradient_noise",
    "measure_update_time",
    "minibatch_gradients",
    "minibatch_losses",
    "shift_images",
    "standard_error",
    "train_epoch",
    "train_epoch_from",
    "training_flops",
    "update_times",
]

explain_errors(__name__)
