"""``python -m tests.mutants FOLDER``: try all mutants of a copy of the book, say which survive.

A room's score is the share of its mutants that some test finds. Two kinds do not count. Mutants of
default values: the tool calls each with the defaults of the original, so no test can find them. And
those of the wrong functions in tables of mistakes: they are data, and wrong in whatever way.

The tool passes over functions that have a decorator. The copy therefore decorates them below their
definition, which comes to the same.
"""

import ast
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.reasons import REASONS

LEAST = 0.9
SURVIVED, UNREACHED = 0, 33  # exit statuses, as mutmut keeps them
WRONG_FUNCTION = re.compile(
    r"exercises\.(gradient|momentum|rmsprop|minibatch|training)\.x_(?!scenario|sweep|new_data)"
)
NAME = re.compile(r"(?P<original>.+)__mutmut_\d+$")


@dataclass(frozen=True)
class Mutant:
    """One change: its name, the lines before and after, and the exit status of the tests."""

    name: str
    before: str
    after: str
    status: int | None

    @property
    def room(self):
        return self.name.split(".")[1]

    @property
    def is_found(self):
        return self.status not in (SURVIVED, UNREACHED, None)

    @property
    def reason(self):
        """Why no test finds it, if that is known."""
        text = f"{self.name}\n{self.before}\n{self.after}"
        return next((why for pattern, why in REASONS if re.search(pattern, text)), "")


def main(folder):
    """Run the mutants in a folder, print what became of them, and return the exit status."""
    for path in Path(folder, "src", "descent").rglob("*.py"):
        path.write_text(decorated_below(path.read_text()))
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "mutmut", "run"], cwd=folder, env=environment, check=True)
    mutants = read(Path(folder))
    print("\n".join(report(mutants)))
    return int(min(scores(mutants).values()) < LEAST)


def decorated_below(text):
    """Return the text of a module in which each decorated function is decorated after it."""
    lines = text.splitlines()
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            decorated = node.name
            for decorator in reversed(node.decorator_list):
                decorated = f"{ast.unparse(decorator)}({decorated})"
            lines.insert(node.end_lineno, f"{node.name} = {decorated}")
            del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines) + "\n"


def read(folder):
    """Return all mutants that a run left in a folder and that count."""
    return [
        mutant
        for kept in sorted((folder / "mutants" / "src").rglob("*.meta"))
        for mutant in _of_file(kept)
        if not WRONG_FUNCTION.search(mutant.name)
    ]


def _of_file(kept):
    functions = {
        node.name: node
        for node in ast.walk(ast.parse(kept.with_suffix("").read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    for name, status in json.loads(kept.read_text())["exit_code_by_key"].items():
        changed = functions[name.rpartition(".")[2]]
        original = functions[f"{NAME.match(changed.name)['original']}__mutmut_orig"]
        lines = zip(_body(original), _body(changed), strict=False)
        different = [(one, other) for one, other in lines if one != other]
        if different:
            yield Mutant(name, *different[0], status)


def _body(function):
    return [line.strip() for part in function.body for line in ast.unparse(part).splitlines()]


def scores(mutants):
    """Return the share that was found, by room."""
    found, all_of = Counter(), Counter()
    for mutant in mutants:
        found[mutant.room] += mutant.is_found
        all_of[mutant.room] += 1
    return {room: found[room] / all_of[room] for room in sorted(all_of)}


def report(mutants):
    """Yield the lines that tell what became of mutants."""
    by_reason = defaultdict(list)
    for mutant in mutants:
        if not mutant.is_found:
            by_reason[mutant.reason].append(mutant)
    unknown = by_reason.pop("", [])
    for reason, same in by_reason.items():
        yield f"{len(same)} survive: {reason}"
    for mutant in unknown:
        yield f"{mutant.name}\n  - {mutant.before}\n  + {mutant.after}"
    yield f"{len(unknown)} survive, for reasons that are not listed."
    for room, score in scores(mutants).items():
        count = sum(mutant.room == room for mutant in mutants)
        yield f"{room}: {100 * score:.1f} % of {count:,} mutants are found."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
