"""Lighthouse's marks of every page, those that depend on no clock.

How fast pages are is measured by ``benchmarks/pages.py``.
"""

import json

import pytest
from benchmarks.lighthouse import marks
from tests.site.test_pages import PAGES

CATEGORIES = ["accessibility", "best-practices", "seo"]
ALL = [*PAGES, "search.html", "genindex.html"]


@pytest.fixture(scope="module")
def results(compressed_site):
    found = marks([f"{compressed_site}/{name}" for name in ALL], CATEGORIES)
    return dict(zip(ALL, found, strict=True))


@pytest.mark.parametrize("name", ALL)
def test_a_page_gets_full_marks(results, name):
    assert results[name]["marks"] == dict.fromkeys(CATEGORIES, 100), json.dumps(results[name])
