"""Measure, and print the table: ``python -m benchmarks [--readme README.md]``."""

import argparse
import os
import platform
import re
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path

import torch

from benchmarks import grids, training
from benchmarks.measuring import alone

# A file may hold two tables, one of a machine with a GPU.
MARKS = {
    "cpu": ("<!-- benchmarks -->", "<!-- end of benchmarks -->"),
    "cuda": ("<!-- benchmarks on a GPU -->", "<!-- end of benchmarks on a GPU -->"),
}
PACKAGES = ("torch", "torchvision", "numpy", "scikit-learn")


def main(arguments=None):
    """Run all benchmarks and show the table; put it into a file if one is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("--readme", type=Path, help="a file with a place for the table")
    given = parser.parse_args(arguments)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    start, end = MARKS[device]
    place = re.compile(f"({start}\n).*({end})", re.DOTALL)
    if given.readme and not place.search(given.readme.read_text(encoding="utf-8")):
        sys.exit(
            f"{given.readme} has no place for the table. Put two lines where it is to stand: "
            f"{start} and {end}"
        )
    parts = [
        grids.two_parameters,
        partial(grids.networks, 1024 if device == "cuda" else 64, device=device),
        partial(training.epochs, device),
        partial(training.time_to_goal, device),
    ]
    found = []
    for part in parts:
        for row in alone(part):
            found.append(row)
            print(f"{row.what}, against {row.against}: {_ratio(row.ratio)}", flush=True)
    text = f"{table(found)}\n\n{machine(device)}\n"
    print(text)
    if given.readme:
        before = given.readme.read_text(encoding="utf-8")
        after = place.sub(lambda match: match[1] + text + match[2], before)
        given.readme.write_text(after, encoding="utf-8")


def table(found):
    """Return the rows as a table in Markdown."""
    lines = ["| what | against | ours is faster by | ours / theirs |", "| --- | --- | ---: | --- |"]
    lines += [
        f"| {row.what} | {row.against} | {_ratio(row.ratio)} | {row.times} |" for row in found
    ]
    return "\n".join(lines)


def machine(device):
    """Say what it was measured on."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    where = torch.cuda.get_device_name() if device == "cuda" else _processor()
    python = platform.python_version()
    return (
        "Medians, the ways taken in turn, each comparison in a process of its own. "
        f"{where}, {len(os.sched_getaffinity(0))} cores, {torch.get_num_threads()} threads. "
        f"Python {python}, {versions}."
    )


def _processor():
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _ratio(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    main()
