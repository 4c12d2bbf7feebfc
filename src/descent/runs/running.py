"""The runs that are still going."""

import inspect

import torch


class Running:
    """Parameters, states and settings of the runs that have not diverged yet.

    Parameters
    ----------
    params : list of torch.Tensor
        Leaves of the graph, with a leading dimension of runs.
    state : dict of str to list of torch.Tensor
        What the update rule keeps, of the shapes of ``params``.
    hyperparameters : dict of str to torch.Tensor
        Shape (runs, 1, 1) each.

    Attributes
    ----------
    total : int
        How many runs there were at first.
    numbers : torch.Tensor
        The numbers of those that are still there, shape (runs,).
    """

    def __init__(self, params, state, hyperparameters):
        self.params, self.state, self.hyperparameters = params, state, hyperparameters
        self.total = len(params[0])
        self.numbers = torch.arange(self.total, device=params[0].device)

    def losses(self, losses_fn, name):
        """Return the loss of each run that is there, shape (runs,); check that it is one each.

        Parameters
        ----------
        losses_fn : callable
            As from `told_which_run`.
        name : str
            What an error calls it.
        """
        # What only measures gets no leaves of the graph.
        params = self.params if torch.is_grad_enabled() else self.detached()
        losses = losses_fn(params, self.numbers)
        check_losses(losses, params, name)
        return losses

    def detached(self):
        """Return the parameters without their graph."""
        return [param.detach() for param in self.params]

    def forget_gradients(self):
        """Let go of the last gradients: to add the next to them, as PyTorch does, takes longer."""
        for param in self.params:
            param.grad = None

    def drop(self, diverged):
        """Let go of the runs that a tensor of shape (runs,) marks; at least one always stays."""
        left = ~diverged
        if left.all():
            return
        left[0] |= not left.any()
        self.numbers = self.numbers[left]
        self.params = [of_runs(param.detach(), left).requires_grad_() for param in self.params]
        self.hyperparameters = {name: part[left] for name, part in self.hyperparameters.items()}
        self.state = {
            name: [of_runs(part, left) for part in parts] for name, parts in self.state.items()
        }

    def spread(self, values):
        """Return values of the runs that are there in the places of all, NaN for the others."""
        if len(values) == self.total:
            return values.clone()
        everywhere = values.new_full((self.total, *values.shape[1:]), torch.nan)
        return everywhere.index_copy_(0, self.numbers, values)


def of_runs(matrices, runs):
    """Return a copy of the matrices of some runs, which lie side by side in memory.

    Parameters
    ----------
    matrices : torch.Tensor
        Shape (runs, rows, columns).
    runs : torch.Tensor
        Their numbers, or a mask.
    """
    return matrices.transpose(0, 1)[:, runs].transpose(0, 1)


def told_which_run(losses_fn):
    """Return a function of parameters and the numbers of the runs, whether or not it wants these.

    Parameters
    ----------
    losses_fn : callable
        Takes parameters, and perhaps ``running``.
    """
    try:
        wants = "running" in inspect.signature(losses_fn).parameters
    except (TypeError, ValueError):  # functions written in C do not tell
        wants = False
    if wants:
        return lambda params, numbers: losses_fn(params, running=numbers)
    return lambda params, numbers: losses_fn(params)


def check_losses(losses, params, name):
    """Raise an error that names the function if there is not one loss for each run."""
    runs = len(params[0])
    if losses.shape != (runs,):
        raise ValueError(
            f"{name} must return one loss for each of {runs} runs, "
            f"but it returned a shape of {tuple(losses.shape)}. Runs that diverge are dropped: "
            "if it keeps something for each run, let it take a second argument, running, with the "
            "numbers of those that are left"
        )
