"""The table of faults names tests that are there."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
ROWS = re.findall(r"\| `(\S+)::(\w+)` \|$", (TESTS / "FAULTS.md").read_text(), re.MULTILINE)


def test_every_fault_has_a_test():
    assert len(ROWS) >= 20
    for file, name in ROWS:
        parts = ast.parse((TESTS / file).read_text()).body
        assert name in {part.name for part in parts if isinstance(part, ast.FunctionDef)}, file
