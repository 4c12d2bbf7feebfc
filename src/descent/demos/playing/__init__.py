"""The playground: every method on every landscape, moved in the browser alone."""

from descent.demos.playing.digits import DigitsSlice, digits_slice
from descent.demos.playing.methods import METHODS, Method, Setting
from descent.demos.playing.program import Playground, playground
from descent.demos.playing.scenes import SCENES, Scene

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
