"""An explorer in a live kernel: continuous sliders, and numbers computed for each setting."""

import math
import threading
import time
from html import escape

import ipywidgets as widgets

from livepage.explorer.chart import to_svg, with_data
from livepage.explorer.controls import Choice, values_of
from livepage.explorer.data import MESSAGE, check_datasets, rows_at
from livepage.explorer.explorer import computed_controls

PATIENCE = 1.0  # seconds without an answer, after which a bar appears


class LiveExplorer(widgets.VBox):
    """Widgets around a function and a chart.

    Parameters
    ----------
    compute, controls, caption, alt
        As for `livepage.explorer.explorer`.
    spec : dict
        The chart, as Vega-Lite.

    Attributes
    ----------
    fields : dict of str to ipywidgets.Widget
        The widget of each control.
    shown : dict of str to list of dict
        The rows that are drawn.
    """

    def __init__(self, compute, controls, spec, caption, alt):
        self.compute = compute
        self.controls = controls
        self.spec = spec
        self.shown = {}
        self.last_seconds = PATIENCE
        self.fields = {name: _widget(control) for name, control in controls.items()}
        self.picture = widgets.HTML()
        self.message = widgets.HTML()
        self.bar = widgets.FloatProgress(max=1, description="computing")
        self.bar.layout.visibility = "hidden"
        for name, field in self.fields.items():
            moved = self._draw if controls[name].view else self._compute_and_draw
            field.observe(moved, names="value")
        parts = [*self.fields.values(), self.bar, self.picture, self.message]
        super().__init__([*parts, widgets.HTML(f"<em>{escape(caption)}</em>")])
        self.alt = alt
        self._compute_and_draw()

    def _compute_and_draw(self, change=None):
        """Compute the numbers of the setting and draw them; say so if the function fails."""
        try:
            with _Progress(self):
                self.shown = self._rows()
        except Exception as error:
            kind = type(error).__name__
            self.message.value = f"<b>Your function stopped with {kind}:</b> {escape(str(error))}"
            return
        self._draw()

    def _draw(self, change=None):
        views = {name: self.fields[name].value for name, part in self.controls.items() if part.view}
        charted = {name: rows for name, rows in self.shown.items() if name != MESSAGE}
        self.picture.value = to_svg(with_data(self.spec, charted, views))
        said = self.shown.get(MESSAGE, [{"text": ""}])[0]
        text = escape(said["text"])
        self.message.value = f"<b>{text}</b>" if said.get("good") else text

    def _rows(self):
        setting = {name: [self.fields[name].value] for name in computed_controls(self.controls)}
        datasets = check_datasets(self.compute(**setting), [1] * len(setting))
        return {name: rows_at(columns, [0] * len(setting)) for name, columns in datasets.items()}


def _widget(control):
    options = {
        "description": control.label,
        "style": {"description_width": "12em"},
        "layout": widgets.Layout(width="95%", max_width="38em"),
    }
    values = values_of(control)
    if isinstance(control, Choice):
        return widgets.Dropdown(
            options=control.values, value=control.values[control.default], **options
        )
    options |= {"value": control.default, "continuous_update": False}
    if control.whole:
        return widgets.IntSlider(min=values[0], max=values[-1], **options)
    if control.logarithmic:
        return widgets.FloatLogSlider(
            base=10,
            min=math.log10(values[0]),
            max=math.log10(values[-1]),
            readout_format=".3g",
            **options,
        )
    step = (values[-1] - values[0]) / 200
    return widgets.FloatSlider(
        min=values[0], max=values[-1], step=step, readout_format=".3g", **options
    )


class _Progress:
    """Show a bar while the computation lasts longer than a second.

    How long it will last is not known, so the bar goes by how long the last one did.
    """

    def __init__(self, explorer):
        self.explorer = explorer
        self.done = threading.Event()
        self.ticking = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self):
        self.began = time.monotonic()
        self.ticking.start()

    def __exit__(self, *problem):
        self.done.set()
        self.ticking.join()
        self.explorer.last_seconds = max(PATIENCE, time.monotonic() - self.began)
        self.explorer.bar.layout.visibility = "hidden"

    def _tick(self):
        while not self.done.wait(PATIENCE / 4):
            seconds = time.monotonic() - self.began
            if seconds >= PATIENCE:
                self.explorer.bar.value = seconds / (seconds + self.explorer.last_seconds / 4)
                self.explorer.bar.layout.visibility = "visible"
