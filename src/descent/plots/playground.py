"""The figure of the playground: what its page shows before anything is moved."""

from descent.plots.style import INK, METHOD_COLORS, draw_contours, new_figure, numbers, settled

MARKERS = dict(zip(METHOD_COLORS, ".os^PDv", strict=True))


@settled
def playground_map(landscape, paths, axes_names=("x", "y")):
    """Draw where several methods go from one start.

    Parameters
    ----------
    landscape : descent.landscapes.Landscape
        Drawn as contours, with its minima as stars.
    paths : dict of str to torch.Tensor
        For each method the points visited, shape (steps + 1, 2).
    axes_names : (str, str)
        What the two parameters are called.
    """
    figure, axes = new_figure(height=5.6)
    draw_contours(axes, landscape)
    axes.plot(*zip(*landscape.minima, strict=True), "*", color=INK, ms=13)
    for method, path in paths.items():
        x, y = numbers(path).clip(-1e6, 1e6).T
        color = METHOD_COLORS[method]
        axes.plot(x, y, color=color, lw=1.6)
        axes.plot(x[-1:], y[-1:], MARKERS[method], color=color, ms=8, mec="white", label=method)
        axes.plot(x[0], y[0], "o", color="white", mec=INK, ms=9, zorder=4)
    axes.set(xlabel=axes_names[0], ylabel=axes_names[1], aspect="equal")
    figure.legend(loc="outside lower center", ncols=3)
    return figure
