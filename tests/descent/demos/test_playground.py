"""The playground's JavaScript against the Python functions that it was traced from."""

import json
import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from descent.demos.playing import METHODS, SCENES, Playground, digits_slice, playground
from descent.demos.playing.markup import MOST_STEPS
from descent.demos.playing.program import notch
from descent.landscapes import two_parameter_losses
from descent.models import MLP
from descent.plots import METHOD_COLORS

DRAWS = 5000
STEPS = 8

# Walks from many starts with the functions of one scene and one method, as the page does.
WALK = """([source, scene, method, rows, steps]) => {
  const program = (0, eval)(`(${source})`);
  const { lossAndGradient } = program.scenes[scene];
  const { step, states } = program.methods[method];
  return rows.map(([x, y, ...settings]) => {
    const input = [x, y, 0, 0, ...new Array(2 * states).fill(0), ...settings];
    const path = [];
    for (let k = 0; k <= steps; k += 1) {
      const [loss, slopeX, slopeY] = lossAndGradient(input);
      path.push(...[input[0], input[1], loss].map(String));
      [input[2], input[3]] = [slopeX, slopeY];
      const output = step(input);
      [input[0], input[1]] = output;
      output.slice(2).forEach((state, place) => { input[4 + place] = state; });
    }
    return path;
  });
}"""


@pytest.fixture(scope="module")
def data():
    torch.manual_seed(0)
    model, inputs = MLP(), torch.randn(60, 28, 28)
    return model, inputs, torch.randint(10, (60,))


@pytest.fixture(scope="module")
def digits(data):
    return digits_slice(*data)


@pytest.fixture(scope="module")
def whole(digits):
    return playground(digits)


@pytest.fixture(scope="module")
def program(whole):
    return whole.program()


def draw(scene, method, count, generator):
    """Return random starts on the map, and random settings for each."""
    left, right, bottom, top = scene.region
    share = generator.random((count, 2 + len(method.settings) + 1))
    x, y = left + (right - left) * share[:, 0], bottom + (top - bottom) * share[:, 1]
    lr = scene.rates[method.name] * 10 ** (2 * share[:, 2] - 1.5)
    others = [s.largest * part for s, part in zip(method.settings, share.T[3:], strict=True)]
    return np.stack([x, y, lr, *others], axis=1)


def walk(scene, method, rows):
    """Return x, y and the loss at every step, by the functions that the chapters import."""
    rows = torch.from_numpy(rows)
    points = rows[:, None, :2].clone().requires_grad_()
    settings = dict(zip(method.hyperparameters, rows.T[2:, :, None, None], strict=True))
    states = [[torch.zeros_like(points)] for _ in method.states]
    path = []
    for _ in range(STEPS + 1):
        losses = scene.landscape.losses([points])
        path.append(torch.cat([points[:, 0], losses[:, None]], dim=1).detach().clone())
        method.update(losses.sum(), [points], *states, **settings)
    return torch.stack(path, dim=1).numpy()


def test_the_browser_walks_as_the_python_functions_do(browser, whole, program):
    generator = np.random.default_rng(5)
    pairs = [(scene, method) for scene in range(6) for method in range(6)]
    count = math.ceil(DRAWS / len(pairs))
    page = browser.new_page()
    worst, left_out = 0.0, 0
    for scene, method in pairs:
        places = whole.scenes[scene], whole.methods[method]
        rows = draw(*places, count, generator)
        expected = walk(*places, rows)
        texts = page.evaluate(WALK, [program, scene, method, rows.tolist(), STEPS])
        found = np.array(texts, dtype=float).reshape(expected.shape)
        usual = (np.isfinite(expected) & (np.abs(expected) < 1e6)).all(axis=(1, 2))
        left_out += (~usual).sum()
        error = np.abs(found[usual] - expected[usual]) / np.maximum(1, np.abs(expected[usual]))
        worst = max(worst, error.max())
        assert error.max() < 1e-9, (places[0].landscape.name, places[1].name)
    page.close()
    print(f"{count * len(pairs)} draws, {left_out} left out, largest difference {worst:.1e}")
    assert left_out < 0.1 * DRAWS


def test_each_method_has_its_colour_its_mark_and_every_landscape_a_rate_for_it(whole):
    assert {method.color for method in METHODS} <= set(METHOD_COLORS.values())
    assert len({method.color for method in METHODS}) == len({m.marker for m in METHODS}) == 6
    for scene in whole.scenes:
        assert set(scene.rates) == {method.name for method in METHODS}
        assert all(-4 <= notch(rate) <= 2 for rate in scene.rates.values())


def test_maps_are_square_and_hold_start_minima_and_levels(whole):
    for scene in whole.scenes:
        left, right, bottom, top = scene.region
        assert right - left == pytest.approx(top - bottom)
        for x, y in (scene.start, *scene.landscape.minima):
            assert left < x < right
            assert bottom < y < top
        assert (np.diff(scene.levels()) > 0).all()


def test_a_notch_is_one_of_the_slider():
    for rate in (1e-4, 0.02, 0.5, 10.0):
        assert round(20 * notch(rate)) == pytest.approx(20 * notch(rate))
        assert 10 ** notch(rate) == pytest.approx(rate, rel=0.06)


# ---- The slice of the digits' loss


def test_few_digits_give_the_loss_of_all(digits, data):
    losses = two_parameter_losses(*data)
    left, right, bottom, _ = digits.scene.region
    places = torch.rand(500, 2, dtype=torch.float64) * (right - left)
    places += torch.tensor([left, bottom])
    difference = (digits.scene.landscape.function(places) - losses(places)).abs().max()
    assert difference <= 1.5 * digits.deviation
    assert digits.deviation < 0.05
    assert 5 < digits.digits <= 16


def test_more_digits_come_nearer(data):
    few, many = (digits_slice(*data, count=count) for count in (6, 20))
    assert many.deviation < few.deviation


def test_the_slice_has_its_minimum_in_the_middle_of_the_map(digits):
    [minimum] = digits.scene.landscape.minima
    left, right, bottom, top = digits.scene.region
    assert minimum == pytest.approx(((left + right) / 2, (bottom + top) / 2))
    point = torch.tensor(minimum, requires_grad=True)
    digits.scene.landscape.function(point.double()).backward()
    assert point.grad.norm() < 1e-5


# ---- The markup


def markup_of(monkeypatch, site):
    monkeypatch.setenv("LIVEPAGE_BUILD", "1" if site else "")
    return Playground()._repr_html_()


def test_on_the_site_script_and_style_are_files_and_in_a_notebook_they_are_inline(monkeypatch):
    site, notebook = markup_of(monkeypatch, True), markup_of(monkeypatch, False)
    assert re.search(r'<script defer src="\.\./_static/playground\.js\?v=\w{8}">', site)
    assert re.search(r'<link rel="stylesheet" href="\.\./_static/playground\.css\?v=\w{8}">', site)
    assert "class Playground" not in site
    assert "class Playground" in notebook
    assert "_static" not in notebook


def test_in_a_notebook_it_plays_by_itself(browser, monkeypatch):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: errors.append(request.url))
    page.set_content(markup_of(monkeypatch, False))
    page.locator(".playground[data-ready]").wait_for()
    page.locator(".pg-loss", has_text=re.compile(r"\d")).first.wait_for()
    assert [error for error in errors if not error.startswith("data:")] == []
    page.close()


def test_every_control_has_a_label_and_the_picture_a_description(monkeypatch):
    html = markup_of(monkeypatch, True)
    controls = re.findall(r"<input [^>]*id=\"([^\"]+)\"", html)
    assert len(controls) == len(set(controls)) == 5 + 1 + 6 + 11
    for identity in controls:
        assert f'<label for="{identity}">' in html
    assert len(re.search(r'<img class="pg-still"[^>]* alt="([^"]+)"', html)[1].split()) > 20
    assert f'max="{MOST_STEPS}"' in html


def test_two_playgrounds_share_no_name(monkeypatch):
    one, other = (set(re.findall(r'id="([^"]+)"', markup_of(monkeypatch, True))) for _ in "ab")
    assert one.isdisjoint(other)


def test_the_program_is_the_same_each_time_and_ends_no_script(program, whole):
    assert program == whole.program()
    assert "</" not in program
    assert json.loads(re.search(r"\"levels\": (\[.*?\])", program)[1])


def test_the_picture_is_the_same_each_time():
    script = (
        "from descent import plots; from descent.demos import playground; plots.use_style(); "
        "print(hash(playground()._repr_html_()))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"LIVEPAGE_BUILD": "1", "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    }
    assert len(found) == 1


def test_the_first_scene_is_there_without_digits_too():
    assert Playground(SCENES[:1]).first is SCENES[0]
    assert playground().first.landscape.name == "Rosenbrock"
