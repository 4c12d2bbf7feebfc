"""The demo in `descent.demos.data_parallel` needs no data."""

from descent import demos

DEMOS = {"step_time": demos.step_time}
