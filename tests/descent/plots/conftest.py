import matplotlib as mpl
import pytest

from descent import plots


@pytest.fixture(autouse=True, scope="package")
def _book_style():
    with mpl.rc_context():
        plots.use_style()
        yield
