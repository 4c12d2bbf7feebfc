"""The playground: every method on every landscape, moved in the browser alone."""

from descent.demos.playground.digits import DigitsSlice, digits_slice
from descent.demos.playground.methods import METHODS, Method, Setting
from descent.demos.playground.program import Playground, playground
from descent.demos.playground.scenes import SCENES, Scene

__all__ = [
    "METHODS",
    "SCENES",
    "DigitsSlice",
    "Method",
    "Playground",
    "Scene",
    "Setting",
    "digits_slice",
    "playground",
]
