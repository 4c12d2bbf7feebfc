"""One call makes an explorer: of the page while the site is built, of widgets in a kernel."""

import inspect
import os
from collections.abc import Mapping

from livepage.describing import described
from livepage.explorer.chart import as_spec
from livepage.explorer.controls import Choice, Slider, values_of
from livepage.explorer.data import check_datasets

BUILDING = "LIVEPAGE_BUILD"  # set while the site is built


def explorer(compute, controls, chart, *, caption, alt):
    """Show a function of a few controls as a figure that a reader moves.

    While the site is built, the function is called once, for all values of all controls. The
    numbers travel with the page, and moving a control shows those of its setting, without a kernel
    and without a network. In a live kernel the sliders are continuous, and the function is called
    for each setting.

    Parameters
    ----------
    compute : callable
        Takes, by keyword, a list of values for each control that is not of the view alone. Returns
        for each data set its columns: arrays with one axis for each of these controls, in their
        order, of the length of its list or of length one, and a last axis for the rows. The data
        set ``message``, with a column ``text`` of one row, is shown in words; with a column
        ``good`` too, the words are marked as a success where it is true.
    controls : dict of str to Slider or Choice
        By the name of the argument or of the chart's parameter.
    chart : dict or altair.TopLevelMixin
        Vega-Lite with named data. A click on a mark whose data have columns with the names of
        controls sets these controls to the nearest value.
    caption : str
        One line that says what to try.
    alt : str
        What the figure shows at the default setting.

    Returns
    -------
    object
        What a page or a notebook shows as the value of its cell.

    Raises
    ------
    TypeError
        If an argument, or what ``compute`` returns, is not of the kind described here.
    ValueError
        If the columns have wrong shapes, or the chart lacks a data set.
    """
    _check(compute, controls, caption, alt)
    parts = {"controls": controls, "spec": as_spec(chart), "caption": caption, "alt": alt}
    if os.environ.get(BUILDING):
        from livepage.explorer.page import PageExplorer

        return PageExplorer(compute_grid(compute, controls), **parts)
    from livepage.explorer.live import LiveExplorer

    return LiveExplorer(compute, **parts)


def _check(compute, controls, caption, alt):
    if not callable(compute):
        raise TypeError(f"compute is to be a function of the controls, not {described(compute)}")
    if not isinstance(controls, Mapping):
        raise TypeError(f"controls is to be a dict of controls, not {described(controls)}")
    for name, control in controls.items():
        if not isinstance(name, str) or not isinstance(control, Slider | Choice):
            raise TypeError(
                "controls is to have a Slider or a Choice for the name of each argument, not "
                f"{described(control)} for {described(name)}"
            )
    for what, text in (("caption", caption), ("alt", alt)):
        if not isinstance(text, str) or not text.strip():
            raise TypeError(f"{what} is to be a sentence, not {described(text)}")


def _check_names(compute, lists):
    try:
        signature = inspect.signature(compute)
    except ValueError:  # some that are written in C tell nothing
        return
    try:
        signature.bind(**lists)
    except TypeError as error:
        names = ", ".join(lists) or "no arguments"
        raise TypeError(f"compute is to take {names} by keyword: {error}") from error


def computed_controls(controls):
    """Return the controls that numbers are computed for, by name."""
    return {name: control for name, control in controls.items() if not control.view}


def compute_grid(compute, controls):
    """Return the checked columns for all values of all controls.

    Parameters
    ----------
    compute, controls
        As for `explorer`.

    Raises
    ------
    TypeError
        If ``compute`` does not take the controls. What it raises itself is left as it is.
    """
    lists = {name: values_of(control) for name, control in computed_controls(controls).items()}
    _check_names(compute, lists)
    return check_datasets(compute(**lists), [len(values) for values in lists.values()])
