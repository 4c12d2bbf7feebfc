from tests.descent.plots.samples import FIGURES

CALLS = dict(FIGURES)
