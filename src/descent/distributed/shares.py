"""The results of a grid's parts, in a folder that outlives those who compute them."""

import json
import uuid
from dataclasses import dataclass, fields
from pathlib import Path

import torch

from descent.runs import Grid, Runs, grid

PLAN = "grid.json"


@dataclass(frozen=True)
class Shares:
    """A folder with a file for each share that is finished, and one that says of which grid.

    Attributes
    ----------
    folder : pathlib.Path
        Absolute.
    plan : dict
        What the results depend on: the axes in their order, the number of shares, the seed.
    """

    folder: Path
    plan: dict

    @classmethod
    def open(cls, folder, settings, count, seed):
        """Return the shares of a grid, and note in the folder that it is theirs.

        Raises
        ------
        ValueError
            If the folder is that of another grid, the grid is a part of one, or ``count`` is less
            than 1.
        """
        if settings.chosen is not None:
            raise ValueError("a part of a grid cannot be spread: give the whole grid")
        settings.cut(count)  # checks the count, before anything is written
        axes = [[name, list(values)] for name, values in settings.axes.items()]  # in their order
        shares = cls(Path(folder).resolve(), {"axes": axes, "shares": count, "seed": seed})
        shares.folder.mkdir(parents=True, exist_ok=True)
        if not (shares.folder / PLAN).exists():
            shares._put(PLAN, lambda path: path.write_text(json.dumps(shares.plan)))
        there = cls.read(shares.folder)
        if there.plan != shares.plan:
            raise ValueError(
                f"{folder} holds results of another grid, {there.named()}, than this one, "
                f"{shares.named()}. Name another folder, or delete that one."
            )
        return shares

    @classmethod
    def read(cls, folder):
        """Return the shares that a folder says it is of."""
        return cls(Path(folder), json.loads((Path(folder) / PLAN).read_text()))

    def parts(self):
        """Return the grid of each share."""
        return grid(**dict(self.plan["axes"])).cut(self.plan["shares"])

    def finished(self):
        """Return the numbers of the shares that are there, from 0."""
        return [number for number in range(len(self.parts())) if self._path(number).exists()]

    def save(self, number, runs):
        """Keep the result of a share: wholly, or not at all."""
        columns = {part.name: getattr(runs, part.name) for part in fields(Runs)}
        content = columns | {"grid": number, "plan": self.plan}
        self._put(self._path(number).name, lambda path: torch.save(content, path))

    def load(self, number):
        """Return the result of a share, on the CPU.

        Raises
        ------
        ValueError
            If the file cannot be read, or is of another grid.
        """
        path = self._path(number)
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            fault = f"{path} cannot be read ({error}). Delete it, and run again."
            raise ValueError(fault) from error
        if (content.pop("plan"), content.pop("grid")) != (self.plan, number):
            raise ValueError(f"{path} is of another grid. Delete it, and run again.")
        return Runs(grid=self.parts()[number], **content)

    def named(self):
        """Return what tells this grid from others, in a few words."""
        axes = "; ".join(f"{name}: {_span(values)}" for name, values in self.plan["axes"])
        return f"({axes}; {self.plan['shares']} shares; seed {self.plan['seed']})"

    def report(self):
        """Say which shares are missing, and how to get them."""
        parts, finished = self.parts(), set(self.finished())
        missing = [number for number in range(len(parts)) if number not in finished]
        if not missing:
            return f"All {len(parts)} shares of the grid are finished, in {self.folder}."
        listed = "; ".join(f"share {number} ({_settings(parts[number])})" for number in missing)
        return (
            f"Of {len(parts)} shares of the grid, {len(missing)} are missing: {listed}. "
            f"The other {len(finished)} are finished, in {self.folder}. "
            "Run the same command again: it computes only what is missing."
        )

    def _path(self, number):
        return self.folder / f"share-{number}.pt"

    def _put(self, name, write):
        """Write a file under another name first, so that it is never there in part."""
        unfinished = self.folder / f".{name}.{uuid.uuid4().hex}"
        try:
            write(unfinished)
            unfinished.replace(self.folder / name)
        finally:
            unfinished.unlink(missing_ok=True)


def _span(values):
    if len(values) <= 4:
        return ", ".join(f"{value:g}" for value in values)
    return f"{len(values)} values, {values[0]:g} to {values[-1]:g}"


def _settings(part: Grid):
    """Return the first and the last setting of a share, such as ``lr=0.1 beta=0 to ...``."""
    ends = [part.combinations()[index] for index in (0, -1)]
    texts = [
        " ".join(f"{name}={value:g}" for name, value in zip(part.axes, end, strict=True))
        for end in dict.fromkeys(ends)
    ]
    return " to ".join(texts)
