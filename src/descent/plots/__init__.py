"""Every figure of the book, by chapter. Each function takes numbers and returns a figure."""

from descent.arguments import explain_errors
from descent.plots.adaptive import (
    gradient_sizes,
    kept_promises,
    scaled_losses,
    second_order_paths,
    step_lengths,
    turned_ravine,
)
from descent.plots.bonus import (
    confusion,
    lucky_winners,
    misread_digits,
    training_curves,
)
from descent.plots.case_study import (
    class_filters,
    digits_with_values,
    polynomials,
    segments,
    surrogate,
)
from descent.plots.data_parallel import traffic, two_workers
from descent.plots.ethics import (
    captioned_digits,
    group_accuracies,
    proxy_and_goal,
    trade_off,
    training_costs,
)
from descent.plots.minibatches import (
    batch_and_rate_map,
    floor_heights,
    gradient_clouds,
    gradient_variances,
    settling,
)
from descent.plots.momentum import (
    at_their_best,
    look_ahead,
    ravine_paths,
    steps_per_digit,
    two_curvatures,
    velocities,
)
from descent.plots.nonconvexity import (
    barriers,
    landscape_slice,
    losses_by_size,
    rescaled_slices,
    symmetric_starts,
)
from descent.plots.playground import playground_map
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
    "at_their_best",
    "barriers",
    "batch_and_rate_map",
    "captioned_digits",
    "class_filters",
    "confusion",
    "digits_with_values",
    "floor_heights",
    "gradient_clouds",
    "gradient_sizes",
    "gradient_variances",
    "group_accuracies",
    "improving_shares",
    "kept_promises",
    "landscape_slice",
    "look_ahead",
    "losses_by_size",
    "lucky_winners",
    "misread_digits",
    "overview",
    "playground_map",
    "polynomials",
    "proxy_and_goal",
    "ravine_paths",
    "rescaled_slices",
    "scaled_losses",
    "search_progress",
    "second_order_paths",
    "segments",
    "settling",
    "slopes_by_dimension",
    "stable_steps",
    "step_lengths",
    "steps_per_digit",
    "surrogate",
    "symmetric_starts",
    "trade_off",
    "traffic",
    "training_costs",
    "training_curves",
    "turned_ravine",
    "two_curvatures",
    "two_workers",
    "update_histograms",
    "use_style",
    "velocities",
]

explain_errors(__name__)
