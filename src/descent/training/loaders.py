"""Training from a ``DataLoader``: PyTorch's way to data that do not fit into the memory."""

from descent.models import loss_fn


def train_epoch_from(data_loader, model, optimizer, device="cpu"):
    """Train for one epoch on the minibatches of a loader.

    For data that fit into the memory, `train_epoch` does the same many times faster: it picks
    minibatches from a tensor that was normalised once, and no digit is touched by itself.

    Parameters
    ----------
    data_loader : torch.utils.data.DataLoader
        Yields inputs and right classes, a minibatch at a time.
    model : torch.nn.Module
        Returns log-probabilities, shape (points, classes). It is left in training mode.
    optimizer : torch.optim.Optimizer
        Of the model's parameters.
    device : str or torch.device
        Where the model is; the minibatches are moved there.

    Returns
    -------
    float
        The mean loss over all points, each as it was when its minibatch was met.

    Raises
    ------
    ValueError
        If the loader is empty.
    """
    model.train()
    total, points = 0.0, 0
    for inputs, targets in data_loader:
        inputs, targets = inputs.to(device), targets.to(device)
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += len(targets) * loss.item()
        points += len(targets)
    if points == 0:
        raise ValueError("there is nothing to train on: the loader holds no point")
    return total / points
