"""That values are judged by the words of a docstring as a reader would."""

import numpy as np
import pandas as pd
import pytest
import torch

from descent.arguments.describing import describe
from descent.arguments.promises import misfit

NAMES = {"torch": torch, "pandas": pd}
FITS = [
    (3, "int"),
    (np.int64(3), "int"),
    (3, "float"),
    (torch.tensor(3.0), "float"),
    (torch.ones(2), "float or torch.Tensor"),
    (None, "int, optional"),
    ([1, 2], "sequence of int"),
    (np.ones(2), "sequence of float"),
    (range(3), "collection of int"),
    ([torch.ones(1)], "list of torch.Tensor"),
    ((), "tuple of torch.Tensor"),
    ({"a": [1.0]}, "dict of str to sequence of float"),
    ({"a": (len, {})}, "dict of str to (callable, dict)"),
    ({"a": {"b": torch.ones(1)}}, "dict of str to dict of str to torch.Tensor"),
    ((1.0, 2), "(float, float)"),
    (5, "(int or str)"),
    (pd.DataFrame(), "pandas.DataFrame"),
    ("anything", "what no class is called"),
]
MISFITS = [
    ("3", "int", "x is '3'"),
    (3.5, "int", "x is 3.5"),
    (torch.ones(2), "float", "x is a tensor of shape (2,), float32"),
    ("abc", "sequence of str", "x is 'abc'"),
    (3, "list of int", "x is 3"),
    ([1, "b"], "list of int", "x[1] is 'b'"),
    (torch.tensor(1.0), "sequence of float", "x is a tensor of shape (), float32"),
    ({1: 2.0}, "dict of str to float", "a key of x is 1"),
    ({"a": None}, "dict of str to float", "x['a'] is None"),
    ([], "dict of str to float", "x is an empty list"),
    ((1.0,), "(float, float)", "x is a tuple of 1"),
    ((1.0, "b"), "(float, float)", "x[1] is 'b'"),
    (len, "int or str", "x is len itself"),
    (3, "callable", "x is 3"),
    (3, "pandas.DataFrame", "x is 3"),
]


@pytest.mark.parametrize(("value", "kind"), FITS, ids=str)
def test_what_fits(value, kind):
    assert misfit(value, kind, "x", NAMES) == ""


@pytest.mark.parametrize(("value", "kind", "wrong"), MISFITS, ids=str)
def test_what_does_not_fit_is_told_with_its_place(value, kind, wrong):
    assert misfit(value, kind, "x", NAMES) == wrong


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (10**5000, "an integer of 16610 bits"),
        (np.zeros((2, 3)), "an array of shape (2, 3), float64"),
        ({"a": 1}, "a dict of 1"),
        (True, "True"),
        (torch.eye(2).to_sparse(), "a tensor of shape (2, 2), float32"),
        (torch.nn.Linear(1, 1), "an object of type Linear"),
    ],
    ids=["huge", "array", "dict", "bool", "sparse", "object"],
)
def test_values_are_described_in_a_few_words(value, words):
    assert describe(value) == words


def test_a_long_text_is_cut():
    assert len(describe("a" * 10_000)) < 50
