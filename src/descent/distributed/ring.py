"""What data-parallel training sends, and how long a step takes: counts and a simple model."""


def values_sent(values, workers):
    r"""Return how many numbers each worker of a ring sends to sum vectors over all workers.

    .. math:: 2 \, \frac{p - 1}{p} \, n

    Each worker sends a p-th of its vector in each of 2 (p - 1) turns: in the first half of them the
    sums are made, in the second half they are passed on.

    Parameters
    ----------
    values : int or numpy.ndarray
        The length n of the vector: the number of parameters, for a gradient.
    workers : int or numpy.ndarray
        Their number p, at least 1.

    Returns
    -------
    float or numpy.ndarray

    References
    ----------
    Patarasuk and Yuan (2009), Bandwidth optimal all-reduce algorithms for clusters of workstations.
    """
    return 2 * (workers - 1) / workers * values


def step_seconds(workers, batch_size, params, flops, bandwidth, uses=1, bits=32):
    r"""Return how long a data-parallel step takes, if it computes first and sends then.

    .. math:: \frac{6 \, u \, n \, B / p}{F} + 2 \, \frac{p - 1}{p} \, \frac{n \, b}{W}

    Left out are the start of each message, and slow workers, which make it longer, and that much of
    the sending can be done while the rest of the gradient is computed, which makes it shorter.

    Parameters
    ----------
    workers : int or numpy.ndarray
        Their number p, at least 1.
    batch_size : int or numpy.ndarray
        Points B of the whole minibatch; each worker computes with B / p.
    params : int or numpy.ndarray
        Their number n.
    flops : float or numpy.ndarray
        Floating-point operations of a worker in a second, F.
    bandwidth : float or numpy.ndarray
        Bits that each worker sends in a second, W.
    uses : float or numpy.ndarray
        How often a parameter is used for one point, u: once in a dense layer, once for each place
        of the image in a convolution. A use takes 6 operations, 2 forward and 4 backward.
    bits : int
        Of a number that is sent.

    Returns
    -------
    computing, sending : float or numpy.ndarray
        Seconds of the two parts of the sum.
    """
    computing = 6 * uses * params * batch_size / workers / flops
    return computing, bits * values_sent(params, workers) / bandwidth
