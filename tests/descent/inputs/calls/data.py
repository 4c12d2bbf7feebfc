import torch
from tests.descent.inputs.calls.small import images, labels

from descent import data
from descent.data.tensors import TensorDigits


def digits():
    pixels = (255 * images(12, 28)).to(torch.uint8).numpy()
    return TensorDigits(pixels, labels(12).numpy(), True, "digits", 0.1, 0.3)


def sets():
    return {"train_set": digits(), "test_set": digits()}


CALLS = {
    data.describe: sets,
    data.show_data_notice: sets,
    data.load_mnist_data: lambda: {"change_tensors": True},
    data.epoch: lambda: {"input_data": images(), "target_data": labels(), "batch_size": 4},
    data.sample_minibatch: lambda: {
        "input_data": images(),
        "target_data": labels(),
        "num_points": 4,
    },
    data.split_validation: lambda: {"train_set": digits(), "seed": 1, "share": 0.5},
}
