"""Losses to walk on: small objectives with known minima, and slices of a real loss."""

from descent.arguments import explain_errors
from descent.landscapes.curvature import (
    curvature_range,
    gradient,
    largest_curvature,
    nearest_minimum,
    slopes_and_curvatures,
)
from descent.landscapes.functions import (
    BOWL,
    CONVEX_POLYNOMIAL,
    HIMMELBLAU,
    NONCONVEX_POLYNOMIAL,
    RAVINE,
    ROSENBROCK,
    SADDLE,
    Landscape,
    himmelblau,
    local_minima,
    quadratic,
    rosenbrock,
    saddle,
)
from descent.landscapes.representatives import representatives
from descent.landscapes.slices import (
    filter_normalized,
    permute_hidden,
    plane_losses,
    plane_through,
    rescale_hidden,
)
from descent.landscapes.steps import norm, random_directions, segment, step_along
from descent.landscapes.two_parameters import loss_2d, two_parameter_losses

__all__ = [
    "BOWL",
    "CONVEX_POLYNOMIAL",
    "HIMMELBLAU",
    "NONCONVEX_POLYNOMIAL",
    "RAVINE",
    "ROSENBROCK",
    "SADDLE",
    "Landscape",
    "curvature_range",
    "filter_normalized",
    "gradient",
    "himmelblau",
    "largest_curvature",
    "local_minima",
    "loss_2d",
    "nearest_minimum",
    "norm",
    "permute_hidden",
    "plane_losses",
    "plane_through",
    "quadratic",
    "random_directions",
    "representatives",
    "rescale_hidden",
    "rosenbrock",
    "saddle",
    "segment",
    "slopes_and_curvatures",
    "step_along",
    "two_parameter_losses",
]

explain_errors(__name__)
