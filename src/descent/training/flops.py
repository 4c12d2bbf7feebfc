"""What training costs, counted in floating-point operations."""


def training_flops(runs, points):
    """Count the floating-point operations of many trainings: those of their matrix products.

    A product of a (points, in) and an (in, out) matrix takes ``2 * points * in * out`` operations.
    A layer needs one such product forward and two backward: for the gradient of its weights, and
    for that of its inputs. The first layer's inputs need no gradient. All else (ReLU, softmax, the
    update itself) is small beside this and is left out, and so is evaluation.

    Parameters
    ----------
    runs : descent.runs.Runs
        Networks from `descent.runs.descend`: weights (runs, in, out) and biases, layer by layer.
        Shapes, number of runs and number of steps are read from it.
    points : int
        Points that each step of each run looks at, at least 1.

    Returns
    -------
    int
        Operations of all runs together.

    Raises
    ------
    ValueError
        If there is no point, or the parameters are not those of networks.

    References
    ----------
    Kaplan et al. (2020), Scaling laws for neural language models, section 2.1, who round it to
    6 operations for each parameter and point.
    """
    if points < 1:
        raise ValueError(f"a step looks at 1 point or more, but points is {points}")
    weights = runs.params[0::2]
    if any(weight.dim() != 3 for weight in weights):
        shapes = [tuple(weight.shape) for weight in weights]
        raise ValueError(f"weights have the shape (runs, in, out), but these have {shapes}")
    first, *others = (weight.numel() for weight in weights)
    return 2 * points * runs.steps[-1] * (2 * first + 3 * sum(others))
