"""Charts: from Vega-Lite, or Altair which writes it, to what a browser draws and to pictures."""

import json


def as_spec(chart):
    """Return a chart as a dictionary of Vega-Lite.

    Parameters
    ----------
    chart : dict or altair.TopLevelMixin
        Its data are named: ``alt.Data(name="runs")``.
    """
    return chart if isinstance(chart, dict) else json.loads(chart.to_json())


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


def to_vega(spec, names):
    """Compile Vega-Lite to Vega, and take the rows of the named data sets out again.

    Parameters
    ----------
    spec : dict
        Of Vega-Lite, with data.
    names : iterable of str
        The data sets that the page fills in.

    Raises
    ------
    ValueError
        If the chart has no data set of a name.
    """
    import vl_convert

    vega = vl_convert.vegalite_to_vega(spec)
    sources = {source["name"]: source for source in vega.get("data", [])}
    for name in names:
        if name not in sources:
            raise ValueError(
                f"the chart has no data named {name!r}, only {sorted(sources)}; "
                f"give it alt.Data(name={name!r})"
            )
        sources[name].pop("values", None)
    return vega
