"""Every launch link and every download link of the site leads to a notebook that was written."""

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml
from tests.site.test_pages import PAGES, ROOT, SITE, Links

from livepage.repository import repository_url

NOTEBOOKS = ROOT / "_build" / "notebooks"
SERVICES = ("colab.research.google.com", "mybinder.org")
MENU = re.compile(r'<details class="dropdown dropdown-launch-buttons">.*?</ul>', re.DOTALL)


def becomes_a_notebook(name):
    source = (ROOT / name).with_suffix(".md").read_text()
    return "```{code-cell}" in source and "\nnotebook: false\n" not in source


WITH_CODE = [name for name in PAGES if becomes_a_notebook(name)]
WITHOUT_CODE = [name for name in PAGES if name not in WITH_CODE]


def launches(name):
    """Return where the launch menu of a page leads; None if the page has none."""
    menu = MENU.search((SITE / name).read_text())
    return [link for link in Links(menu[0]).targets if "_static" not in link] if menu else None


def file_on_branch(link):
    """Return which file of the branch of the notebooks a link to a service opens."""
    parts = urlsplit(link)
    if parts.netloc == "mybinder.org":
        return parse_qs(parts.query)["urlpath"][0].removeprefix("lab/tree/")
    return unquote(parts.path.partition("/blob/notebooks/")[2])


@pytest.mark.parametrize("name", WITH_CODE)
def test_every_link_names_a_notebook_that_was_written(name):
    *services, download = launches(name)
    notebook = f"{PurePosixPath(name).stem}.ipynb"
    for link in services:
        assert file_on_branch(link) == f"student/{notebook}", link
    written = NOTEBOOKS / "student" / notebook
    carried = (SITE / name).parent / unquote(download)
    assert carried.read_bytes() == written.read_bytes()


@pytest.mark.parametrize("name", WITH_CODE)
def test_the_links_lead_to_the_repository_that_the_book_lives_in(name):
    configured = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    repository = repository_url(configured, ROOT)
    owner_and_name = urlsplit(repository).path
    services = launches(name)[:-1]
    assert all(owner_and_name in unquote(link) for link in services)
    if repository.startswith("https://github.com/"):
        assert [urlsplit(link).netloc for link in services] == list(SERVICES)
    if not repository:
        assert services == []


@pytest.mark.parametrize("name", WITHOUT_CODE)
def test_a_page_without_a_notebook_has_no_launch_button(name):
    assert launches(name) is None


def test_every_notebook_that_was_written_has_a_page_that_launches_it():
    written = {path.name for path in (NOTEBOOKS / "student").glob("*.ipynb")}
    assert written == {f"{PurePosixPath(name).stem}.ipynb" for name in WITH_CODE}
    assert written == {path.name for path in (SITE / "notebooks").iterdir()}


def test_a_click_downloads_the_notebook(open_page):
    page = open_page(WITH_CODE[0])
    page.get_by_label("Run this page as a notebook").click()
    with page.expect_download() as started:
        page.locator(".dropdown-launch-buttons").get_by_role("link", name="Download").click()
    name = started.value.suggested_filename
    assert name == f"{PurePosixPath(WITH_CODE[0]).stem}.ipynb"
    saved = started.value.path().read_bytes()
    assert saved == (NOTEBOOKS / "student" / name).read_bytes()


def test_no_service_is_asked_for_anything_before_a_click(open_page):
    page = open_page(WITH_CODE[0])
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    page.reload(wait_until="networkidle")
    assert asked
    assert not {host for host in asked if host in SERVICES}
