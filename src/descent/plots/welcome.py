"""The figures of chapter 1: welcome and introduction."""

from descent.plots.style import INK, METHOD_COLORS, draw_contours, new_figure, numbers, settled


@settled
def overview(landscape, paths, losses, images, labels, predictions):
    """Draw what the course builds up to: a landscape to cross, a loss that falls, digits read.

    Parameters
    ----------
    landscape : descent.landscapes.Landscape
        Drawn as contours.
    paths : dict of str to torch.Tensor
        For each method the points it visits, shape (steps + 1, 2).
    losses : dict of str to torch.Tensor
        For each method the loss of a network before training and after each step.
    images : torch.Tensor
        Shape (count, height, width).
    labels, predictions : torch.Tensor
        Shape (count,): what each image shows, and what the network reads.
    """
    figure, panels = new_figure(3, 1, height=7.6, height_ratios=[1, 1.1, 0.45])
    ravine, training, reading = panels
    draw_contours(ravine, landscape)
    for method, path in paths.items():
        x, y = numbers(path).T
        color = METHOD_COLORS[method]
        ravine.plot(x, y, ".-", color=color, lw=1.2, ms=4, label=method)
    ravine.plot(*zip(*landscape.minima, strict=True), "*", color=INK, ms=12, label="minimum")
    ravine.set(title="A loss to descend, the same number of steps each")
    ravine.set(xlabel="first parameter", ylabel="second parameter")
    for method, values in losses.items():
        training.plot(numbers(values), color=METHOD_COLORS[method])
    training.set(title="A network that learns to read digits", yscale="log")
    training.set(xlabel="step", ylabel="loss on the training digits")
    _draw_readings(reading, images, labels, predictions)
    figure.legend(*ravine.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure


def _draw_readings(axes, images, labels, predictions):
    count, height, width = images.shape
    axes.imshow(numbers(images).transpose(1, 0, 2).reshape(height, count * width))
    axes.set_title("What the trained network reads in new digits")
    for index, (label, prediction) in enumerate(zip(labels, predictions, strict=True)):
        right = bool(label == prediction)
        text = f"{int(prediction)} ✓" if right else f"{int(prediction)} ✗"
        color = METHOD_COLORS["RMSprop"] if right else METHOD_COLORS["momentum"]
        place = ((index + 0.5) * width, height + 3)
        axes.text(*place, text, color=color, ha="center", va="top", weight="bold")
    axes.axis("off")
