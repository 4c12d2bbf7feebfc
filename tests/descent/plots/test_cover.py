"""The cover is kept as a file; it is what the numbers give."""

import re
from pathlib import Path

import numpy as np
import pytest

from descent.landscapes import HIMMELBLAU
from descent.plots import cover

FOLDER = Path(__file__).parents[3] / "book" / "_static"
NUMBER = re.compile(r"-?\d+\.\d\b")


@pytest.mark.parametrize(("name", "draw"), [("cover", cover.cover), ("card", cover.card)])
def test_the_file_is_what_the_runs_give(name, draw):
    kept, fresh = (FOLDER / f"{name}.svg").read_text(), cover.as_svg(draw())
    assert NUMBER.sub("", kept) == NUMBER.sub("", fresh), "write it anew: see descent.plots.cover"
    kept, fresh = (np.array(NUMBER.findall(text), dtype=float) for text in (kept, fresh))
    assert np.abs(kept - fresh).max() < 0.5


def test_every_run_comes_near_a_minimum():
    axes = cover.cover().axes[0]
    paths = [line.get_xydata() for line in axes.lines if line.get_linestyle() == "-"]
    paths = [path for path in paths if len(path) > len(cover.STARTS)]
    assert len(paths) == len(cover.RULES) * len(cover.STARTS)
    minima = np.array(HIMMELBLAU.minima)
    ends = np.array([path[-1] for path in paths])
    nearest = np.linalg.norm(ends[:, None] - minima, axis=-1).min(axis=1)
    assert nearest.max() < 0.5
    assert len({tuple(np.round(end)) for end in ends}) == len(minima)


def test_the_files_are_small_and_a_card_has_its_shape():
    assert (FOLDER / "cover.svg").stat().st_size < 100_000
    width, height = re.search(
        r"viewBox=.0 0 (\S+) ([\d.]+)", (FOLDER / "card.svg").read_text()
    ).groups()
    assert float(width) / float(height) == pytest.approx(1200 / 630, abs=1e-3)
