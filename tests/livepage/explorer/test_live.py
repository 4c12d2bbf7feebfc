import time

import ipywidgets as widgets
import pytest
from tests.livepage.explorer import sample

from livepage.explorer.live import LiveExplorer


@pytest.fixture
def live(monkeypatch):
    monkeypatch.delenv("LIVEPAGE_BUILD", raising=False)
    return sample.make()


def test_a_kernel_gives_widgets_with_continuous_sliders(live):
    assert isinstance(live, LiveExplorer)
    assert isinstance(live.fields["slope"], widgets.FloatLogSlider)
    assert isinstance(live.fields["start"], widgets.Dropdown)
    assert isinstance(live.fields["last"], widgets.IntSlider)
    assert "<svg" in live.picture.value
    assert live.message.value == "<b>near</b>"


def test_any_value_is_computed(live):
    before = live.picture.value
    live.fields["slope"].value = 2.5
    live.fields["start"].value = 0
    assert [row["y"] for row in live.shown["line"]] == [0, 2.5, 5, 7.5]
    assert live.picture.value != before


def test_a_control_of_the_view_only_redraws(live):
    before = live.picture.value
    live.compute = lambda **setting: pytest.fail("nothing was to be computed")
    live.fields["last"].value = 1
    assert live.picture.value != before


def test_a_failing_function_is_named_and_the_picture_stays(live):
    def broken(slope, start):
        raise ZeroDivisionError("division by <zero>")

    before = live.picture.value
    live.compute = broken
    live.fields["slope"].value = 3.0
    assert "stopped with ZeroDivisionError:</b> division by &lt;zero&gt;" in live.message.value
    assert live.picture.value == before


def test_a_bar_appears_while_a_long_computation_lasts(live, monkeypatch):
    monkeypatch.setattr("livepage.explorer.live.PATIENCE", 0.05)
    seen = []

    def slow(**setting):
        time.sleep(0.3)
        seen.append((live.bar.layout.visibility, live.bar.value))
        return sample.compute(**setting)

    live.compute = slow
    live.fields["slope"].value = 4.0
    [(visibility, value)] = seen
    assert visibility == "visible"
    assert 0 < value < 1
    assert live.bar.layout.visibility == "hidden"
