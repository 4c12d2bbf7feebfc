"""The playground: every method on every landscape, in the browser alone.

The update rules and the gradients of the landscapes are not written a second time in JavaScript.
They are traced, and the browser's code is made from what was traced (see `livepage.tracing`).
"""

import itertools
import json
import math
from dataclasses import dataclass, field

import torch

from descent.demos.playing.markup import DEFAULT_STEPS, page
from descent.demos.playing.methods import METHODS
from descent.demos.playing.scenes import SCENES
from descent.plots import playground_map
from descent.runs import descend, grid
from livepage.tracing import to_javascript

POINT = torch.zeros(1, 2, dtype=torch.float64)  # one run, as the landscapes take it
NUMBER = torch.zeros((), dtype=torch.float64)
_numbers = itertools.count(1)


def landscape_javascript(landscape):
    """Return a landscape as a JavaScript function: [x, y] becomes [loss, slope in x, in y].

    Parameters
    ----------
    landscape : descent.landscapes.Landscape
        Its gradient is what PyTorch's backward pass does, traced.
    """

    def loss_and_gradient(point):
        point = point.clone().requires_grad_()
        loss = landscape.losses([point]).sum()
        loss.backward()
        return loss.detach(), point.grad

    return to_javascript(loss_and_gradient, POINT)


def method_javascript(method):
    """Return one step of an update rule as a JavaScript function.

    A rule meets a landscape through its gradient alone. So it is traced on a loss whose gradient is
    an argument, (w · gradient), and then goes with every landscape.

    Parameters
    ----------
    method : Method
        Its rule is called as in a chapter, and traced with the ``backward`` that it calls itself.

    Returns
    -------
    str
        [parameters, gradient, states, hyperparameters] become [parameters, states].
    """
    count = len(method.states)

    def step(params, gradient, *rest):
        params = params.clone().requires_grad_()
        states = [state.clone() for state in rest[:count]]
        settings = dict(zip(method.hyperparameters, rest[count:], strict=True))
        method.update((params * gradient).sum(), [params], *([part] for part in states), **settings)
        return params.detach(), *states

    examples = [POINT] * (2 + count) + [NUMBER] * len(method.hyperparameters)
    return to_javascript(step, *examples)


def playground(digits=None):
    """Return the playground, which a notebook or a page shows.

    Parameters
    ----------
    digits : DigitsSlice, optional
        A slice of the digits' loss, to play on as well.
    """
    return Playground((*SCENES, digits.scene) if digits else SCENES)


@dataclass(frozen=True)
class Playground:
    """Landscapes and methods to play with.

    Attributes
    ----------
    scenes : tuple of Scene
        The landscapes. The third is shown first.
    methods : tuple of Method
        All of them walk at once.
    """

    # Factories: the reference shows a plain default as it prints, with the addresses of functions.
    scenes: tuple = field(default_factory=lambda: SCENES)
    methods: tuple = field(default_factory=lambda: METHODS)

    @property
    def first(self):
        """The scene that is shown first."""
        return self.scenes[min(2, len(self.scenes) - 1)]

    def program(self):
        """Return all that the browser computes with, as the source of a JavaScript object."""
        scenes = [
            _object(self._describe(scene), lossAndGradient=landscape_javascript(scene.landscape))
            for scene in self.scenes
        ]
        methods = [
            _object(
                {"name": method.name, "states": len(method.states)},
                step=method_javascript(method),
            )
            for method in self.methods
        ]
        return f"{{scenes: [{', '.join(scenes)}],\nmethods: [{', '.join(methods)}]}}"

    def _describe(self, scene):
        return {
            "name": scene.landscape.name,
            "region": scene.region,
            "minima": scene.landscape.minima,
            "start": scene.start,
            "levels": [float(f"{level:.6g}") for level in scene.levels()],
            "rates": [notch(scene.rates[method.name]) for method in self.methods],
            "axes": scene.axes,
            "bounded": scene.bounded,
        }

    def still(self):
        """Return the picture that is shown before anything is moved, and without scripts."""
        scene = self.first
        start = torch.tensor([scene.start], dtype=torch.float64)
        paths = {}
        for method in self.methods:
            settings = {setting.name: setting.value for setting in method.settings}
            settings["lr"] = 10 ** notch(scene.rates[method.name])
            runs = descend(
                scene.landscape.losses,
                [start],
                method.update,
                grid(**settings),
                DEFAULT_STEPS,
                keep_paths=True,
            )
            paths[method.name] = runs.paths[0][:, 0, 0]
        return playground_map(scene.landscape, paths, scene.axes)

    def _repr_html_(self):
        return page(self, f"playground-{next(_numbers)}")


def notch(rate):
    """Return the notch of the slider, the power of ten, that is nearest to a learning rate."""
    return round(20 * math.log10(rate)) / 20


def _object(data, **functions):
    """Return a JavaScript object of data and of functions that are given as source."""
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in data.items()]
    parts += [f"{key}: {source}" for key, source in functions.items()]
    return f"{{{', '.join(parts)}}}"
