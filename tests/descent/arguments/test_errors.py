"""What a reader is told who gives a function something wrong."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from descent import landscapes, optimizers, plots, runs
from descent.arguments import explained
from descent.data import sample_minibatch
from descent.models import MLP


@pytest.fixture
def w():
    return torch.ones(1, 3, requires_grad=True)


def told(function, *args, **kwargs):
    with pytest.raises((TypeError, ValueError)) as caught:
        function(*args, **kwargs)
    return str(caught.value)


def test_an_argument_of_a_wrong_type_is_named_with_what_it_should_be(w):
    message = told(optimizers.gradient_update, w.sum(), [w], lr="fast")
    assert message == "gradient_update takes lr as float or torch.Tensor, but lr is 'fast'"


def test_the_wrong_part_of_a_list_is_named(w):
    message = told(optimizers.gradient_update, w.sum(), [w, 3])
    assert message.endswith("takes params as list of torch.Tensor, but params[1] is 3")


def test_the_wrong_part_of_keyword_arguments_is_named():
    message = told(runs.grid, lr=[0.1], beta=object())
    assert "takes axes as dict of str to (number or sequence of numbers)" in message
    assert "axes['beta'] is an object of type object" in message


def test_shapes_that_do_not_go_together_are_told_with_what_pytorch_says(w):
    message = told(optimizers.gradient_update, w.square().sum(), [w], lr=torch.ones(4))
    assert "The size of tensor a (4) must match the size of tensor b (3)" in message
    assert "lr is a tensor of shape (4,), float32" in message
    assert "help(gradient_update)" in message


def test_a_check_of_the_function_s_own_keeps_its_words():
    assert told(MLP, hidden_dims=["many"]).startswith("every width must be a positive whole number")


def test_an_error_within_the_reader_s_own_function_is_left_as_it_is(w):
    def losses(params):
        return 1 / 0

    with pytest.raises(ZeroDivisionError) as caught:
        runs.descend(losses, [w], optimizers.gradient_update, runs.grid(lr=[0.1]), 3)
    assert caught.value.__cause__ is None


def test_what_went_wrong_at_first_can_be_seen_behind_it():
    with pytest.raises(ValueError, match="rosenbrock cannot work with") as caught:
        landscapes.rosenbrock(torch.ones(2, 1))
    assert isinstance(caught.value.__cause__, IndexError)


def test_a_missing_argument_is_told_by_python():
    with pytest.raises(TypeError, match="missing 2 required positional arguments"):
        optimizers.gradient_update()


@pytest.mark.parametrize(
    ("lr", "words"),
    [
        (torch.ones(4, device="meta"), "lr is a tensor of shape (4,), float32, on meta"),
        (torch.full((4,), torch.nan), "lr is a tensor of shape (4,), float32, not all finite"),
    ],
    ids=["meta", "nan"],
)
def test_what_lies_on_another_device_or_is_not_finite_is_told(w, lr, words):
    assert words in told(optimizers.gradient_update, w.square().sum(), [w], lr=lr)


def test_faults_of_the_machine_are_not_laid_to_the_arguments():
    with pytest.raises(FileNotFoundError):
        explained(Path.read_text)(Path("nowhere"))


@pytest.mark.parametrize(
    "function", [optimizers.adam_update, runs.descend, plots.training_curves, sample_minibatch]
)
def test_functions_can_still_be_sent_to_other_processes(function):
    assert pickle.loads(pickle.dumps(function)) is function


def test_looking_for_the_data_does_not_wait_for_pytorch():
    code = "import sys, descent.data; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
