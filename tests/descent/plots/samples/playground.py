"""Data for the figure in `descent.plots.playground`."""

import torch

from descent import plots
from descent.landscapes import HIMMELBLAU


def playground_map_data():
    k = torch.arange(20, dtype=torch.float64)[:, None]
    ways = (torch.tensor([[3.0, 2.0]]), torch.tensor([[-2.8, 3.1]]))
    paths = dict(zip(("momentum", "Nesterov"), (way * (1 - 0.8**k) for way in ways), strict=True))
    return {"landscape": HIMMELBLAU, "paths": paths}


FIGURES = {plots.playground_map: playground_map_data}
