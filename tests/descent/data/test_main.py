import json
import signal
import subprocess
import sys

import pytest

from descent import data
from descent.data import __main__, loading, sampling
from descent.data.errors import DataError, notice

# Runs `python -m descent.data` with the table and the mirrors of the test that started it.
PATCHED = """
import json, runpy, signal, sys
# Where the tests run in the background, the shell has had them ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
from descent.data import files, mirrors
given = json.load(sys.stdin)
files.MNIST_FILES = tuple(
    files.IDXFile(name, tuple(shape), sha256) for name, shape, sha256 in given["table"]
)
mirrors.MIRRORS = tuple(given["mirrors"])
runpy.run_module("descent.data", run_name="__main__")
"""


def start(arguments):
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def run(mnist):
    """Start the command on the small MNIST; return status, stdout and stderr."""

    def run(*urls):
        process = start(["-c", PATCHED])
        out, err = process.communicate(given(mnist, urls), timeout=60)
        return process.returncode, out, err

    return run


def given(mnist, urls):
    table = [(file.name, file.shape, file.sha256) for file in mnist.table]
    return json.dumps({"table": table, "mirrors": urls})


def test_digits_on_request(monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "digits")
    process = start(["-m", "descent.data"])
    assert process.communicate(timeout=60) == ("digits\n", "")
    assert process.returncode == 0


def test_a_bad_word_is_one_line(monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "mnits")
    process = start(["-m", "descent.data"])
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == "error: DESCENT_DATASET is 'mnits'; set it to auto, mnist or digits\n"


def test_a_folder_gives_mnist(run, mnist, monkeypatch, tmp_path):
    monkeypatch.setenv("DESCENT_DATA_DIR", str(mnist.write(tmp_path / "given", gzipped=True)))
    assert run() == (0, "mnist\n", "")


def test_a_download_gives_mnist_and_tells_on_stderr(run, mnist, serve, cached):
    status, out, err = run(serve(mnist.routes()).url)
    assert (status, out) == (0, "mnist\n")
    assert "downloading MNIST from" in err
    assert len(cached()) == 4


def test_automatic_falls_back_with_a_notice(run):
    status, out, err = run("http://127.0.0.1:1/")
    assert (status, out) == (0, "digits\n")
    assert "the embedded digits are used" in err


def test_mnist_that_cannot_be_had_is_one_sentence(run, monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "mnist")
    status, out, err = run("http://127.0.0.1:1/")
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].startswith("error: MNIST could not be loaded from")
    assert "Traceback" not in err


def test_an_interrupt_in_a_download_leaves_nothing(mnist, serve, misbehave, cached):
    server = serve(mnist.routes(train_images=misbehave["drip"]))
    process = start(["-c", PATCHED])
    process.stdin.write(given(mnist, [server.url]))
    process.stdin.close()
    while "downloading" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) != 0
    process.stdout.close()
    process.stderr.close()
    assert cached() == {}


def test_neither_torch_nor_scikit_learn_is_loaded_for_it():
    code = (
        "import sys, descent.data.__main__\n"
        "print([name for name in ('torch', 'torchvision', 'sklearn') if name in sys.modules])"
    )
    process = start(["-c", code])
    assert process.communicate(timeout=60) == ("[]\n", "")


def test_in_this_process_it_prints_the_name_and_returns_zero(monkeypatch, capsys):
    monkeypatch.setattr(__main__, "resolve", lambda: "digits")
    assert __main__.main() == 0
    assert capsys.readouterr() == ("digits\n", "")


def test_in_this_process_an_error_is_one_line_on_stderr(monkeypatch, capsys):
    def fail():
        raise DataError("no MNIST")

    monkeypatch.setattr(__main__, "resolve", fail)
    assert __main__.main() == 1
    assert capsys.readouterr() == ("", "error: no MNIST\n")


@pytest.mark.parametrize(("found", "name"), [(None, "digits"), ("a folder", "mnist")])
def test_the_name_is_that_of_what_was_found(monkeypatch, found, name):
    asked = []
    monkeypatch.setattr(
        loading, "_find", lambda must_be_mnist: asked.append(must_be_mnist) or found
    )
    assert loading.resolve() == name
    assert asked == [False]


def test_the_functions_that_draw_come_when_they_are_asked_for():
    assert data.__getattr__("epoch") is sampling.epoch
    assert data.__getattr__("sample_minibatch") is sampling.sample_minibatch
    with pytest.raises(AttributeError, match=r"^module 'descent\.data' has no attribute 'epochs'$"):
        data.__getattr__("epochs")


def test_what_there_is_to_tell_is_one_line(capsys):
    notice("the first\nthe second")
    assert capsys.readouterr() == ("", "descent.data: the first the second\n")
