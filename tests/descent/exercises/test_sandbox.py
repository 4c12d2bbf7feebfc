"""Whatever a function does, it ends and leaves no trace."""

import os
import signal
import sys
import threading
import time

import pytest

from descent.exercises.sandbox import TimeLimitReached, attempt


def loop():
    while True:
        pass


def loop_that_catches_exceptions():
    while True:
        try:
            raise ValueError
        except Exception:
            pass


def loop_that_catches_everything():
    while True:
        try:
            sum(range(100))
        except:  # noqa: E722
            print("caught")


def sleep():
    time.sleep(60)


def attempt_in_thread(function, seconds):
    errors = []
    thread = threading.Thread(target=lambda: errors.append(attempt(function, seconds)), daemon=True)
    thread.start()
    thread.join(10)
    return errors[0]


@pytest.mark.parametrize(
    "function", [loop, loop_that_catches_exceptions, loop_that_catches_everything, sleep]
)
def test_the_timer_stops_a_function(function):
    assert isinstance(attempt(function, 0.1), TimeLimitReached)


@pytest.mark.parametrize("function", [loop, loop_that_catches_exceptions])
def test_another_thread_stops_a_loop_without_the_timer(function):
    assert isinstance(attempt_in_thread(function, 0.1), TimeLimitReached)


def test_a_system_without_the_timer_stops_a_loop(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    assert isinstance(attempt(loop, 0.1), TimeLimitReached)


@pytest.mark.parametrize("run", [attempt, attempt_in_thread])
def test_a_quick_function_returns(run):
    assert run(lambda: None, 5) is None


@pytest.mark.parametrize("run", [attempt, attempt_in_thread])
@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(1), GeneratorExit()])
def test_an_error_is_handed_back(run, error):
    def function():
        raise error

    assert run(function, 5) is error


def test_timer_and_handler_are_put_back():
    def handler(signum, frame):
        pass

    old = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        for function in (lambda: None, loop):
            attempt(function, 0.05)
            assert signal.getsignal(signal.SIGALRM) is handler
            assert 900 < signal.getitimer(signal.ITIMER_REAL)[0] <= 1000
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def test_the_environment_is_put_back(monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "digits")
    before = dict(os.environ)

    def function():
        os.environ.clear()
        os.environ["DESCENT_OTHER"] = "nonsense"

    assert attempt(function, 5) is None
    assert dict(os.environ) == before


def test_the_trace_function_is_put_back(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    before = sys.gettrace()
    attempt(loop, 0.05)
    assert sys.gettrace() is before


@pytest.mark.parametrize("has_timer", [True, False])
def test_an_import_is_not_cut_in_half(has_timer, monkeypatch, tmp_path):
    source = "import time\nfor _ in range(30):\n    time.sleep(0.01)\nready = True\n"
    (tmp_path / f"slow_module_{has_timer}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    if not has_timer:
        monkeypatch.delattr(signal, "setitimer")
    assert attempt(lambda: __import__(f"slow_module_{has_timer}"), 0.1) is None
    assert sys.modules.pop(f"slow_module_{has_timer}").ready


@pytest.fixture
def import_slowly(monkeypatch, tmp_path):
    """Return a function that takes as many seconds to import a module."""
    monkeypatch.syspath_prepend(tmp_path)

    def do(seconds):
        source = f"import time\nfor _ in range(10):\n    time.sleep({seconds} / 10)\n"
        (tmp_path / "slow_module.py").write_text(source)
        import slow_module  # noqa: F401

    yield do
    sys.modules.pop("slow_module", None)


def test_what_follows_a_slow_import_has_the_whole_time(import_slowly):
    assert attempt(lambda: [import_slowly(0.6), time.sleep(0.05)], 0.5) is None


def test_the_alarm_rings_again_and_again_after_a_slow_import(import_slowly):
    def function():
        import_slowly(0.2)
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                sum(range(100))
            except:  # noqa: E722
                print("caught")

    assert isinstance(attempt(function, 0.1), TimeLimitReached)


def test_a_loop_that_swallows_alarms_is_stopped_wherever_they_ring():
    def function():
        while True:
            try:
                while True:
                    pass
            except:  # noqa: E722
                pass

    for _ in range(5):
        assert isinstance(attempt(function, 0.05), TimeLimitReached)


def test_an_alarm_where_no_exception_can_rise_says_nothing(monkeypatch):
    class EndlessFarewell:
        def __del__(self):
            while True:
                pass

    def function():
        for _ in range(3):
            EndlessFarewell()
        while True:
            pass

    said = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    assert isinstance(attempt(function, 0.1), TimeLimitReached)
    assert said == []
