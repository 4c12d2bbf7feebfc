"""An epoch on a GPU for which a pass through the network is recorded once and then replayed."""

import copy

import torch
from torch.func import functional_call

from descent.models import loss_fn

WARM_UPS = 3  # before a recording, so that libraries have set up what they need


def graphed_epoch(model, optimizer, inputs, targets, batch_size):
    """Train for one epoch on a GPU, and say to it little more than which minibatch is next.

    Parameters
    ----------
    model, optimizer, inputs, targets, batch_size
        As for `descent.training.fast_epoch`, with one whole minibatch at least.

    Returns
    -------
    float
    """
    model.train()
    *whole, last = torch.randperm(len(inputs)).to(inputs.device).split(batch_size)
    one_pass = _Pass(model, inputs[:batch_size], targets[:batch_size])
    for batch in whole:
        one_pass.replay(inputs, targets, batch)
        optimizer.step()
    loss = loss_fn(model(inputs[last]), targets[last])  # it may hold fewer points
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    total = batch_size * one_pass.losses.item() + len(last) * loss.item()
    return total / len(inputs)


class _Pass:
    """A recorded pass: it reads a minibatch, adds up its loss, and writes the gradients.

    Parameters
    ----------
    model : torch.nn.Module
    inputs, targets : torch.Tensor
        A minibatch, for the shapes.
    """

    def __init__(self, model, inputs, targets):
        self.inputs, self.targets = inputs.clone(), targets.clone()
        self.losses = torch.zeros((), dtype=torch.float64, device=inputs.device)
        self._warm_up(copy.deepcopy(model))  # what the model itself counts is left alone
        self.graph = torch.cuda.CUDAGraph()
        self._record(model)

    def _warm_up(self, model):
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UPS):
                self._run(model)
        torch.cuda.current_stream().wait_stream(aside)
        self.losses.zero_()

    def _record(self, model):
        # Parameters that somebody's loss still leads to belong to another stream, which a
        # recording may not wait for. So it is made with new ones in the same memory.
        params = [(name, param) for name, param in model.named_parameters() if param.requires_grad]
        twins = {name: param.detach().requires_grad_() for name, param in params}
        with torch.cuda.graph(self.graph):
            self._run(lambda inputs: functional_call(model, twins, (inputs,)))
        for name, param in params:
            param.grad = twins[name].grad

    def _run(self, model):
        loss = loss_fn(model(self.inputs), self.targets)
        loss.backward()
        self.losses += loss.detach()

    def replay(self, inputs, targets, batch):
        """Read a minibatch and leave the gradients of its mean loss with the parameters."""
        torch.index_select(inputs, 0, batch, out=self.inputs)
        torch.index_select(targets, 0, batch, out=self.targets)
        self.graph.replay()
