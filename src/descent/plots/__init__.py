"""Every figure of the book, by chapter. Each function takes numbers and returns a figure."""

from descent.plots.case_study import (
    class_filters,
    digits_with_values,
    polynomials,
    segments,
    surrogate,
)
from descent.plots.search import (
    improving_shares,
    search_progress,
    slopes_by_dimension,
    stable_steps,
    update_histograms,
)
from descent.plots.style import INK, METHOD_COLORS, STAGE_COLORS, WIDTH, use_style
from descent.plots.welcome import overview

__all__ = [
    "INK",
    "METHOD_COLORS",
    "STAGE_COLORS",
    "WIDTH",
    "class_filters",
    "digits_with_values",
    "improving_shares",
    "overview",
    "polynomials",
    "search_progress",
    "segments",
    "slopes_by_dimension",
    "stable_steps",
    "surrogate",
    "update_histograms",
    "use_style",
]
