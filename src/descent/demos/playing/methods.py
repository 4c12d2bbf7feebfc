"""The methods of the playground: the course's update rules and what can be set on them."""

from collections.abc import Callable
from dataclasses import dataclass

from descent import optimizers
from descent.plots import METHOD_COLORS
from descent.runs.descents import state_names


@dataclass(frozen=True)
class Setting:
    """A hyperparameter with a slider.

    Attributes
    ----------
    name : str
        The argument of the update rule.
    label : str
        What the page calls it.
    value : float
        Where the slider stands first.
    largest : float
        Where it ends. It starts at zero.
    step : float
        How far one press of an arrow key goes.
    """

    name: str
    label: str
    value: float
    largest: float = 0.99
    step: float = 0.01


@dataclass(frozen=True)
class Method:
    """An update rule as the playground shows it.

    Attributes
    ----------
    name : str
        A key of ``descent.plots.METHOD_COLORS``.
    update : callable
        A function of `descent.optimizers`. It has a learning rate, ``lr``, in any case.
    settings : tuple of Setting
        Its other hyperparameters that have a slider.
    marker : str
        The outline of the mark at the end of its path, as an SVG path around the origin, of radius
        one.
    """

    name: str
    update: Callable
    settings: tuple
    marker: str

    @property
    def color(self):
        """The colour of the method in the whole book."""
        return METHOD_COLORS[self.name]

    @property
    def states(self):
        """The names of the states that the rule keeps from step to step."""
        return state_names(self.update, self.hyperparameters)

    @property
    def hyperparameters(self):
        """The names of all arguments with a slider, the learning rate first."""
        return ["lr", *(setting.name for setting in self.settings)]


_BETA = Setting("beta", "β", 0.8)

METHODS = (
    Method(
        "gradient descent",
        optimizers.gradient_update,
        (),
        "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
    ),
    Method("momentum", optimizers.momentum_update, (_BETA,), "M-.9-.9H.9V.9H-.9Z"),
    Method("Nesterov", optimizers.nesterov_update, (_BETA,), "M0-1.2 1.2 0 0 1.2-1.2 0Z"),
    Method(
        "RMSprop",
        optimizers.rmsprop_update,
        (Setting("alpha", "α", 0.9),),
        "M0-1.2 1.1.8H-1.1Z",
    ),
    Method("Adagrad", optimizers.adagrad_update, (), "M0 1.2 1.1-.8H-1.1Z"),
    Method(
        "Adam",
        optimizers.adam_update,
        (Setting("beta1", "β₁", 0.9), Setting("beta2", "β₂", 0.999, largest=0.999, step=0.001)),
        "M-.4-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z",
    ),
)
"""The six methods, in the order in which the course meets them."""
