import numpy as np

from descent import distributed, reproducibility

CALLS = {
    reproducibility.seed_from_environment: lambda: {"environment": {"DESCENT_SEED": "3"}},
    reproducibility.set_seed: lambda: {"seed": 3, "seed_torch": True},
    reproducibility.seed_worker: lambda: {"worker_id": 1},
    distributed.step_seconds: lambda: {
        "workers": np.array([1, 2]),
        "batch_size": 64,
        "params": 1000,
        "flops": 1e9,
        "bandwidth": 1e8,
        "uses": 1,
        "bits": 32,
    },
    distributed.values_sent: lambda: {"values": 24, "workers": 3},
}
