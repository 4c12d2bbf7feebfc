"""The markup of the playground: a picture, native labelled controls and a table."""

import base64
import hashlib
import io
import os
from html import escape
from importlib.resources import files

from descent.demos.playing.methods import Setting
from livepage.pages.dark import dark_color
from livepage.pages.figures import with_dark

DEFAULT_STEPS = 150
MOST_STEPS = 300
MAP = (
    "A map of the chosen landscape with lines of equal loss. From the start a path leads on for "
    "each method that is switched on. The table says where each one ends."
)
STILL = (
    "A map of the {name} landscape with lines of equal loss. From one start six paths lead "
    "downhill, one for each method, in its colour and with a mark of its own at its end. Stars "
    "mark the minima."
)


def page(playground, name):
    """Return the playground as HTML.

    While a site is built, which the variable ``LIVEPAGE_BUILD`` says, script and style are files of
    the site. Elsewhere, as in a notebook, they are in the markup itself.
    """
    return f"""<div class="explorer playground" id="{name}">
{_style()}
<div class="pg-stage">
{_plane(playground, name)}
{_side(playground, name)}
{_table(playground, name)}
</div>
<script>
(window.playgroundPrograms ??= {{}})["{name}"] = {playground.program()};
</script>
{_script()}
</div>"""


def _style():
    if not _is_site():
        return f"<style>{_static('playground.css').decode()}</style>"
    return f'<link rel="stylesheet" href="{_address("playground.css")}">'


def _script():
    if not _is_site():
        return f"<script>{_static('playground.js').decode()}</script>"
    return f'<script defer src="{_address("playground.js")}"></script>'


def _is_site():
    return os.environ.get("LIVEPAGE_BUILD") == "1"


def _static(name):
    return (files("livepage") / "static" / name).read_bytes()


def _address(name):
    """Return where a page in a folder of the site finds a file; browsers keep no old version."""
    return f"../_static/{name}?v={hashlib.sha256(_static(name)).hexdigest()[:8]}"


def _plane(playground, name):
    words = escape(STILL.format(name=playground.first.landscape.name))
    return f"""<div class="pg-plane">
<img class="pg-still" src="{_picture(playground.still())}" alt="{words}">
<canvas class="pg-map" role="img" aria-label="{MAP}"></canvas>
<div class="pg-start" role="slider" tabindex="0" aria-label="Start of all paths"
 aria-describedby="{name}-hint" aria-valuenow="0" aria-valuetext=""></div>
</div>
<p class="pg-hint by-script" id="{name}-hint">
<strong class="pg-place">{_place(playground.first)}</strong>
Drag the ring or tap the map. By keyboard: arrow keys, with Shift for larger steps.</p>"""


def _place(scene):
    words = ", ".join(
        f"{name} = {at:.2f}" for name, at in zip(scene.axes, scene.start, strict=True)
    )
    return f"Start: {words}.".replace("-", "−")


def _picture(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    picture = with_dark(buffer.getvalue().decode())
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"


def _side(playground, name):
    choices = "".join(
        _choice(name, index, scene.landscape.name, scene is playground.first)
        for index, scene in enumerate(playground.scenes)
    )
    steps = Setting("steps", "Steps", DEFAULT_STEPS, MOST_STEPS, 1)
    return f"""<div class="pg-side pg-live by-script">
<fieldset class="pg-scenes"><legend>Landscape</legend>{choices}</fieldset>
<div class="pg-steps">{_slider(f"{name}-steps", steps, "")}</div>
<figure class="pg-losses"><figcaption>Loss above the minimum</figcaption>
<canvas role="img" aria-label="The loss above the minimum at each step, a line for each method.
 The table has the last values."></canvas></figure>
<p class="pg-buttons"><button type="button" class="pg-play">Play</button>
<button type="button" class="pg-reset">Reset</button></p>
</div>"""


def _choice(name, index, label, chosen):
    identity = f"{name}-scene-{index}"
    return (
        f'<span><input type="radio" name="{name}-scene" id="{identity}" value="{index}"'
        f"{' checked' if chosen else ''}>"
        f'<label for="{identity}">{escape(label[0].upper() + label[1:])}</label></span>'
    )


def _table(playground, name):
    rows = "\n".join(
        _row(playground, method, f"{name}-method-{index}")
        for index, method in enumerate(playground.methods)
    )
    return f"""<table class="pg-methods pg-live by-script">
<thead><tr><th scope="col">Method</th><th scope="col">Settings</th>
<th scope="col">Last loss</th><th scope="col">Distance</th></tr></thead>
<tbody>
{rows}
</tbody></table>"""


def _row(playground, method, identity):
    rate = Setting("lr", "lr", 0.0)
    sliders = "".join(
        _slider(f"{identity}-{setting.name}", setting, method.name)
        for setting in (rate, *method.settings)
    )
    label = method.name[0].upper() + method.name[1:]
    colors = f"--method: {method.color}; --method-dark: {dark_color(method.color)}"
    return f"""<tr style="{colors}"><th scope="row">
<input type="checkbox" id="{identity}" checked>
<label for="{identity}">{_mark(method)}{label}</label></th>
<td class="pg-settings">{sliders}</td>
<td class="pg-loss"></td><td class="pg-distance"></td></tr>"""


def _mark(method):
    box = 'viewBox="-1.5 -1.5 3 3" aria-hidden="true"'
    return f'<svg class="pg-mark" {box}><path d="{method.marker}"/></svg>'


def _slider(identity, setting, owner):
    """Return a labelled slider. That of a learning rate moves its power of ten."""
    power = setting.name == "lr"
    low, high, step = (-4, 2, 0.05) if power else (0, setting.largest, setting.step)
    whose = f'<span class="pg-hidden"> of {owner}</span>' if owner else ""
    return (
        f'<div class="pg-slider"><label for="{identity}">{setting.label}{whose}</label>'
        f'<input type="range" id="{identity}" data-name="{setting.name}" min="{low}" max="{high}"'
        f' step="{step}" value="{setting.value:g}"{" data-power" if power else ""}>'
        f'<output for="{identity}"></output></div>'
    )
