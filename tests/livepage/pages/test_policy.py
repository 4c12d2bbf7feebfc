"""What the policy of a page says, and which settings it refuses."""

import re

import pytest
from sphinx.errors import ExtensionError

from livepage.pages.policy import check, policy

SERVER = {"url": "https://feedback.example.org:8443/in/a/folder", "project": "a", "user_key": "b"}


def directives(text):
    return {part.split()[0]: part.split()[1:] for part in text.split("; ")}


def test_scripts_come_from_the_site_alone_and_never_from_text():
    told = directives(policy({}, {}))
    assert told["script-src"] == ["'self'"]
    assert told["default-src"] == told["base-uri"] == ["'none'"]
    assert told["connect-src"] == ["'self'"]
    assert not any("http" in source for source in told["img-src"] + told["font-src"])


def test_feedback_may_go_to_its_server_and_nowhere_else():
    told = directives(policy({}, SERVER))
    assert told["connect-src"] == ["'self'", "https://feedback.example.org:8443"]


def test_a_book_may_name_more_sources():
    told = directives(policy({"img-src": ["https://a.example"], "media-src": ["https://b.c"]}, {}))
    assert told["img-src"] == ["'self'", "data:", "https://a.example"]
    assert told["media-src"] == ["'self'", "https://b.c"]


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ({"img": ["https://a.example"]}, "has img, and knows"),
        ({"base-uri": ["https://a.example"]}, "has base-uri"),
        ({"script-src": ["'unsafe-inline'"]}, "script-src has \"'unsafe-inline'\""),
        ({"img-src": ["https://a.example; script-src *"]}, "should list addresses"),
        ({"img-src": "*"}, "img-src has '*'"),
        ({"img-src": [7]}, "img-src has 7"),
    ],
)
def test_what_would_open_the_page_is_refused(sources, words):
    with pytest.raises(ExtensionError, match=re.escape(words)):
        check(sources)


def test_every_file_begins_with_the_policy(built_book):
    files = [path for path in built_book.site.rglob("*.html") if "_static" not in path.parts]
    assert len(files) > 4
    for path in files:
        text = path.read_text()
        place = text.find('<meta http-equiv="Content-Security-Policy"')
        assert place > 0, path
        assert not re.search(r"<(script|link|img|style)\b", text[:place]), path
