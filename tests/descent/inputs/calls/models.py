from tests.descent.inputs.calls.small import images, labels, model, params

from descent import models

CALLS = {
    models.MLP: lambda: {"in_dim": 4, "out_dim": 3, "hidden_dims": (3,), "use_bias": True},
    models.accuracy: lambda: {"model": model(), "inputs": images(), "targets": labels()},
    models.losses_many: lambda: {
        "params": params(models=2),
        "inputs": images(),
        "targets": labels(),
    },
    models.predict_many: lambda: {"params": params(models=2), "inputs": images()},
    models.print_params: lambda: {"model": model()},
    models.stack_models: lambda: {"models": [model(), model()]},
}
