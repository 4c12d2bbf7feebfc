"""Every page is complete with nothing but the site itself, and readable where no script runs."""

import re

import pytest
from playwright.sync_api import expect
from tests.site.built import EVERY_PAGE, SITE, bring_to_life, unfold, whole

CHAPTERS = [name for name in EVERY_PAGE if name.startswith("book/")]
EXPLORERS = [name for name in CHAPTERS if "data-explorer=" in (SITE / name).read_text()]
ARTICLE = re.compile("<article.*</article>", re.DOTALL)
FOLDED = [
    name for name in CHAPTERS if "<details" in ARTICLE.search((SITE / name).read_text()).group()
]
INCOMPLETE = """async () => {
  const pictures = [...document.images].filter((image) => !image.closest("[hidden]"));
  for (const image of pictures) image.loading = "eager";
  const broken = await Promise.all(pictures.map(
    (image) => image.decode().then(() => [], () => [image.currentSrc || image.outerHTML]),
  ));
  const unset = [...document.querySelectorAll(".math")].filter(
    (box) => !box.querySelector("math annotation") || box.querySelector(".katex-error"),
  );
  await document.fonts.ready;
  const missing = [...document.fonts].filter(({ status }) => status === "error");
  // A stand-in that this system lacks is no file that the page lacks.
  const ours = missing.filter(({ family }) => !family.includes("of the system"));
  const names = ours.map(({ family, weight, style }) => `font ${family} ${weight} ${style}`);
  return [...broken.flat(), ...unset.map((box) => box.textContent), ...names];
}"""


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_page_is_complete_with_every_other_host_blocked(open_page, name):
    page = open_page(name)
    unfold(page)
    bring_to_life(page)
    assert page.evaluate(INCOMPLETE) == []
    page.wait_for_load_state("networkidle")
    assert page.asked_elsewhere == []
    assert page.script_errors == []
    assert page.failures == []


def test_a_file_that_is_missing_is_noted(open_page):
    page = open_page("book/welcome.html")
    page.evaluate("document.body.append(Object.assign(new Image(), { src: 'none.png' }))")
    page.wait_for_load_state("networkidle")
    assert any(fault.endswith("/book/none.png") for fault in page.failures)
    assert any("none.png" in broken for broken in page.evaluate(INCOMPLETE))


@pytest.mark.parametrize("name", CHAPTERS)
def test_without_scripts_all_prose_is_there(open_page, name):
    alone = open_page(name, java_script_enabled=False)
    moving = open_page(whole(name))
    bring_to_life(moving)
    paragraphs = "article section > p"
    assert (
        alone.locator(paragraphs).all_inner_texts() == moving.locator(paragraphs).all_inner_texts()
    )
    assert (
        alone.locator("article .math annotation").count() == alone.locator("article .math").count()
    )
    for picture in alone.locator("article img").all():
        if picture.is_visible():
            assert picture.bounding_box()["width"] > 8
    assert alone.asked_elsewhere == alone.failures == []


@pytest.mark.parametrize("name", FOLDED)
def test_without_scripts_what_is_folded_opens(open_page, name):
    page = open_page(name, java_script_enabled=False)
    box = page.locator("article details").first
    inner = box.locator(":scope > :not(summary)").first
    expect(inner).to_be_hidden()
    box.locator("summary").first.click()
    expect(inner).to_be_visible()


@pytest.mark.parametrize("name", EXPLORERS)
def test_without_scripts_a_demo_shows_its_figure_and_no_dead_controls(open_page, name):
    page = open_page(name, java_script_enabled=False)
    for demo in page.locator("figure.explorer").all():
        assert demo.locator("img").bounding_box()["height"] > 100
        expect(demo.locator("input, select").first).to_be_hidden()
        assert len(demo.locator("img").get_attribute("alt")) > 40


@pytest.mark.parametrize("width", [1280, 390])
def test_without_scripts_all_chapters_are_reached(open_page, width):
    page = open_page("book/momentum.html", width=width, java_script_enabled=False)
    if width == 390:
        page.locator("label[for=pst-primary-sidebar-checkbox]").filter(visible=True).first.click()
    page.locator(".bd-sidebar-primary").get_by_role("link", name="Non-convexity").click()
    page.wait_for_url("**/non-convexity.html")


def test_without_scripts_the_search_says_what_to_do(open_page):
    page = open_page("search.html", java_script_enabled=False)
    assert "JavaScript" in page.locator("#main-content").inner_text()
    expect(page.locator(".bd-sidebar-primary").get_by_role("link", name="Glossary")).to_be_visible()
