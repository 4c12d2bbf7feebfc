"""The videos of the original course, on the pages of this one."""

import pytest

# Of each chapter the number of the video, and its ids on YouTube and on Bilibili.
VIDEOS = {
    "welcome": (1, "zm9oekdkJbQ", "BV1VB4y1K7Vr"),
    "case-study": (2, "pJc2ENhYbqA", "BV1GB4y1K7Ha"),
    "high-dimensional-search": (3, "aSJTRdjRvvw", "BV1aL411H7Ce"),
    "momentum": (4, "3ES5O58Y_2M", "BV1NL411H71t"),
    "non-convexity": (5, "7vUpUEKKl5o", "BV16h41167Jr"),
    "minibatches": (6, "hbqUxpNBUGk", "BV1ty4y1T7Uh"),
    "adaptive-methods": (7, "Zr6r2kfmQUM", "BV1eq4y1W7JG"),
    "ethics": (8, "0EthSI0cknI", "BV1TU4y1G7Je"),
    "bonus": (9, "DP9c13vLiOM", "BV1MK4y1u7u2"),
}


@pytest.mark.parametrize("name", VIDEOS)
def test_a_chapter_shows_its_video_from_the_site_that_is_chosen(open_page, name):
    number, youtube, bilibili = VIDEOS[name]
    page = open_page(f"book/{name}.html")
    (button,) = page.get_by_role("button", name="Play Video").all()
    assert button.get_attribute("aria-label").startswith(f"Play Video {number}: ")
    assert page.asked_elsewhere == []
    button.click()
    player = page.locator("figure.video iframe")
    assert page.asked_elsewhere == [player.get_attribute("src")]
    address = f"https://www.youtube-nocookie.com/embed/{youtube}?"
    assert page.asked_elsewhere[0].startswith(address)
    page.get_by_role("radio", name="Bilibili").check()
    address = f"https://player.bilibili.com/player.html?bvid={bilibili}&"
    assert player.get_attribute("src").startswith(address)
    assert page.script_errors == []


@pytest.mark.parametrize("name", VIDEOS)
def test_links_lead_to_both_sites_without_a_script(open_page, name):
    _, youtube, bilibili = VIDEOS[name]
    page = open_page(f"book/{name}.html", java_script_enabled=False)
    links = page.locator("figure.video").get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        f"https://www.youtube.com/watch?v={youtube}",
        f"https://www.bilibili.com/video/{bilibili}",
    ]
