"""What axe-core, the checker of accessibility, says about every page as readers may see it."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from tests.site.built import EVERY_PAGE, bring_to_life, hold_still, unfold, whole

WIDTHS = 390, 1280
THEMES = "light", "dark"
# All rules that axe runs by itself, and one that it does not. Contrast has a run of its own.
STRUCTURE = {
    "resultTypes": ["violations"],
    "rules": {
        "color-contrast": {"enabled": False},
        "target-size": {"enabled": True},
    },
}
COLORS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}

# Texts that look the same are measured once: most pieces of code and of formulas do. Two look the
# same if they and all that they stand in have the same classes, colours and sizes.
NEW_LOOKS = """() => {
  window.looks ??= new Set();
  const ways = new Map();
  const way = (box) => {
    if (!box) return "";
    if (!ways.has(box)) {
      const { backgroundColor, opacity } = getComputedStyle(box);
      const here = [box.tagName, ...box.classList, backgroundColor, opacity].join(" ");
      ways.set(box, `${way(box.parentElement)} > ${here}`);
    }
    return ways.get(box);
  };
  window.newLooks = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const box = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !box.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(box);
    const look = [way(box), color, fontSize, fontWeight].join();
    if (!looks.has(look)) newLooks.push(box);
    looks.add(look);
  }
  return newLooks.length;
}"""
FAULTS = """async ([options, onlyNewLooks]) => {
  const where = onlyNewLooks ? { include: newLooks } : document;
  const { violations } = await axe.run(where, options);
  return violations.flatMap(({ id, nodes }) => nodes.map(
    ({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`,
  ));
}"""


def faults_of_structure(page):
    return page.evaluate(FAULTS, [STRUCTURE, False])


def faults_of_colors(page):
    return page.evaluate(FAULTS, [COLORS, True]) if page.evaluate(NEW_LOOKS) else []


def set_theme(page, theme):
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_axe_finds_nothing(open_page, name):
    page = open_page(whole(name), width=WIDTHS[0], reduced_motion="reduce")
    hold_still(page)  # colors change at once
    bring_to_life(page)
    page.evaluate(AXE_SCRIPT)
    unfold(page)
    faults = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(400)  # the theme looks for what scrolls a moment later
        faults[width, "structure"] = faults_of_structure(page)
        for theme in THEMES:
            set_theme(page, theme)
            faults[width, theme] = faults_of_colors(page)
    assert {where: found for where, found in faults.items() if found} == {}


def test_a_text_that_is_hard_to_read_is_found(open_page):
    page = open_page("book/welcome.html")
    page.evaluate(AXE_SCRIPT)
    assert faults_of_colors(page) == []
    page.evaluate("document.querySelector('article p').style.color = '#aaa'")
    assert any("color-contrast" in fault for fault in faults_of_colors(page))
    assert faults_of_colors(page) == []  # it was told already
