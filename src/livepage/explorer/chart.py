"""Charts: from Vega-Lite, or Altair which writes it, to what a browser draws and to pictures."""

import inspect
import json
import re

from livepage.describing import described
from livepage.pages.dark import COLOR, dark_color, dark_style

PAINT = re.compile(r'\b(fill|stroke|stop-color)="(?!url)([^"]+)"')
REFERENCE = re.compile(r'(\bid="|url\(#)([A-Za-z_]+\d+)')
WORDS = {"labelColor": "black", "titleColor": "black"}
DEFAULTS = {
    "background": "white",
    "axis": {"domainColor": "#888888", "tickColor": "#888888", "gridColor": "#dddddd", **WORDS},
    "legend": WORDS,
    "header": WORDS,
    "title": {"color": "black", "subtitleColor": "black"},
    "text": {"color": "black"},
    "rule": {"color": "black"},
    "view": {"stroke": "#dddddd"},
}
"""What Vega-Lite takes where a chart names no colour. Named, they change in the dark too."""
NO_COLORS = {"data", "datasets", "domain", "values"}  # words there are data, not colours


def as_spec(chart):
    """Return a chart as a dictionary of Vega-Lite that names its colours.

    Parameters
    ----------
    chart : dict or altair.TopLevelMixin
        Its data are named: ``alt.Data(name="runs")``.

    Raises
    ------
    TypeError
        If it is neither, or holds what JSON has no form for.
    """
    spec = json.loads(_as_json(chart))
    config = spec.get("config", {})
    if not isinstance(config, dict):
        raise TypeError(f"the chart's config is to be a dict, not {described(config)}")
    return spec | {"config": _merged(DEFAULTS, config)}


def _as_json(chart):
    if hasattr(chart, "to_json") and not inspect.isclass(chart):
        return chart.to_json()
    if not isinstance(chart, dict):
        raise TypeError(f"chart is to be of Altair, or a dict of Vega-Lite, not {described(chart)}")
    try:
        return json.dumps(chart, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError(f"the chart cannot be written as JSON: {error}") from error


def _merged(defaults, given):
    """Return settings over their defaults, at each level."""
    both = defaults | given
    for key in defaults.keys() & given.keys():
        if isinstance(defaults[key], dict):
            both[key] = _merged(defaults[key], given[key])
    return both


def with_data(spec, datasets, signals):
    """Return Vega-Lite with its data and the values of its parameters filled in.

    Parameters
    ----------
    spec : dict
        Of Vega-Lite, with named data.
    datasets : dict of str to list of dict
        The rows of each data set.
    signals : dict of str to object
        Values of parameters.
    """
    params = [
        param | {"value": signals[param["name"]]} if param["name"] in signals else param
        for param in spec.get("params", [])
    ]
    return spec | {"datasets": datasets} | ({"params": params} if params else {})


def to_svg(spec):
    """Draw Vega-Lite as SVG."""
    import vl_convert

    return vl_convert.vegalite_to_svg(spec)


def dark_colors(spec):
    """Return the colours that a chart names and that change on a dark page, with what they become.

    Parameters
    ----------
    spec : dict
        Of Vega-Lite or of Vega.

    Returns
    -------
    dict of str to str
    """
    found = {color: dark_color(color) for color in sorted(set(_colors(spec)))}
    return {color: dark for color, dark in found.items() if dark != color}


def _colors(part):
    """Yield all values that are colours, and nothing else."""
    if isinstance(part, str) and COLOR.fullmatch(part):
        yield part
    elif isinstance(part, list):
        for item in part:
            yield from _colors(item)
    elif isinstance(part, dict):
        for key, item in part.items():
            yield from () if key in NO_COLORS else _colors(item)


def in_dark(part, colors):
    """Return a chart with its colours for a dark page.

    Parameters
    ----------
    part : dict
        Of Vega-Lite or of Vega.
    colors : dict of str to str
        As from `dark_colors`.
    """
    if isinstance(part, str):
        return colors.get(part, part)
    if isinstance(part, list):
        return [in_dark(item, colors) for item in part]
    if isinstance(part, dict):
        return {
            key: item if key in NO_COLORS else in_dark(item, colors) for key, item in part.items()
        }
    return part


def to_adaptive_svg(spec, to_svg=to_svg):
    """Draw Vega-Lite as SVG that follows the page which shows it into the dark.

    It is a file of its own, with names of its own within, so that one chart always gives the same.

    Parameters
    ----------
    spec : dict
        Of Vega-Lite, with data.
    to_svg : callable
        What draws it on a light page.
    """
    light, dark = to_svg(spec), to_svg(in_dark(spec, dark_colors(spec)))
    pairs = zip(PAINT.findall(light), PAINT.findall(dark), strict=True)
    rules = {
        f'[{kind}="{color}"]': f"{kind}: {other}"
        for (kind, color), (_, other) in pairs
        if other != color
    }
    return _named_anew(light).replace(">", f">{dark_style(rules)}", 1)


def _named_anew(svg):
    """Count what a picture refers to from 0 on: Vega counts through all that it has drawn."""
    names = {}

    def rename(match):
        place, name = match.groups()
        kind = name.rstrip("0123456789")
        return place + names.setdefault(name, f"{kind}{len(names)}")

    return REFERENCE.sub(rename, svg)


def check_names(spec, names):
    """Raise an error unless the chart has data of each name.

    Parameters
    ----------
    spec : dict
        Of Vega-Lite, with named data.
    names : iterable of str
        The data sets that are filled in.

    Raises
    ------
    ValueError
        If the chart has no data of a name.
    """
    known = set(_named_data(spec))
    for name in names:
        if name not in known:
            raise ValueError(
                f"the chart has no data named {name!r}, only {sorted(known)}; "
                f"give it alt.Data(name={name!r})"
            )


def _named_data(part):
    """Yield the names of all data in a part of a chart."""
    if isinstance(part, list):
        for item in part:
            yield from _named_data(item)
    elif isinstance(part, dict):
        data = part.get("data")
        if isinstance(data, dict) and "name" in data:
            yield data["name"]
        for item in part.values():
            yield from _named_data(item)


def compiled(spec):
    """Compile Vega-Lite to Vega."""
    import vl_convert

    return vl_convert.vegalite_to_vega(spec)


def to_vega(spec, names, compiled=compiled):
    """Compile Vega-Lite to Vega, and take the rows of the named data sets out again.

    Parameters
    ----------
    spec : dict
        Of Vega-Lite, with data.
    names : iterable of str
        The data sets that the page fills in.
    compiled : callable
        What compiles it.
    """
    vega = compiled(spec)
    for source in vega.get("data", []):
        if source["name"] in names:
            source.pop("values", None)
    return vega
