"""The colours and the style of all figures."""

import itertools
import json
import os
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from tests.descent.plots.looking import linear

from descent import plots

CONE_DEFICIENCIES = {  # Machado, Oliveira and Fernandes (2009), severity 1.0, linear RGB
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(color, deficiency):
    """CIE L*a*b* of a colour as it is seen."""
    seen = np.clip(np.array(CONE_DEFICIENCIES[deficiency]) @ linear(color), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ seen / [0.9505, 1, 1.089]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("deficiency", CONE_DEFICIENCIES)
@pytest.mark.parametrize("colors", [plots.METHOD_COLORS, plots.STAGE_COLORS])
def test_colors_are_told_apart_by_all_kinds_of_colour_vision(colors, deficiency):
    least = 40 if deficiency == "none" else 15  # a difference of 2 to 3 is just seen
    for one, other in itertools.combinations(colors.values(), 2):
        assert np.linalg.norm(lab(one, deficiency) - lab(other, deficiency)) > least


def test_style_gives_the_size_and_hides_what_changes_between_builds():
    assert mpl.rcParams["figure.figsize"] == [5.2, 3.2]
    assert mpl.rcParams["svg.hashsalt"]
    assert mpl.rcParams["figure.constrained_layout.use"]


SCRIPT = """
import json, sys
import torch
from descent import plots

plots.use_style()
from IPython.core.interactiveshell import InteractiveShell

found = {"started": InteractiveShell.initialized()}
plots.stable_steps(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0])).savefig(sys.argv[1])

shell = InteractiveShell.instance()
plots.use_style()
figure = plots.stable_steps(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0]))
data, _ = shell.display_formatter.format(figure)
found["formats"] = sorted(data)
found["dated"] = "dc:date" in data.get("image/svg+xml", "")
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def in_a_script(tmp_path_factory):
    """What happens in a process of its own: first as a plain script, then in a notebook's shell."""
    folder = tmp_path_factory.mktemp("script")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, folder / "figure.svg"],
        env={**os.environ, "IPYTHONDIR": str(folder / "ipython")},
        capture_output=True,
        text=True,
        check=True,
    )
    return {**json.loads(done.stdout.splitlines()[-1]), "figure": folder / "figure.svg"}


def test_style_works_in_a_script_and_starts_no_notebook_there(in_a_script):
    assert in_a_script["started"] is False
    assert "<svg" in in_a_script["figure"].read_text()


def test_in_a_notebook_figures_are_vector_graphics_without_a_date(in_a_script):
    assert in_a_script["formats"] == ["image/svg+xml", "text/plain"]
    assert in_a_script["dated"] is False
