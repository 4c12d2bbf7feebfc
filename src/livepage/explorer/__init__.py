"""A function of a few controls becomes a figure that readers move, with and without a kernel."""

from livepage.explorer.controls import Choice, Slider
from livepage.explorer.explorer import explorer

__all__ = ["Choice", "Slider", "explorer"]
