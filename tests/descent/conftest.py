"""What all tests of the mathematics share."""

import threading

import pytest
import torch
from tqdm import tqdm

from descent import exercises
from descent.data import embedded, loading


@pytest.fixture(autouse=True, scope="session")
def _nothing_is_remembered():
    """What tries mutants of the code runs many sessions in one process."""
    # A lock that processes share stays locked if one is stopped while it draws its bar.
    tqdm.set_lock(threading.RLock())
    embedded.embedded_digits.cache_clear()
    loading._mnist.clear()
    loading._absent.clear()
    for name in exercises.__all__:
        vars(getattr(exercises, name)).pop("_known", None)


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """The tensors are small: a second thread would only wait, and take a core from others."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
