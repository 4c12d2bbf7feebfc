"""What plain Jupyter and Colab would show raw: MyST's own syntax, and links that lead nowhere."""

import re

from markdown_it import MarkdownIt

MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$[^$\n]+\$", re.DOTALL)
ROLE = re.compile(r"\{[A-Za-z][\w:+.-]*\}$")
RAW = {
    "directive": re.compile(r"^\s*(?::{3,}|`{3,}|~{3,})", re.MULTILINE),
    "role": re.compile(r"\{[A-Za-z][\w:+.-]*\}`"),
    "target": re.compile(r"^\([^()\s]+\)=\s*$", re.MULTILINE),
    "substitution": re.compile(r"\{\{.*?\}\}"),
    "break": re.compile(r"^\+\+\+", re.MULTILINE),
    "comment": re.compile(r"^%", re.MULTILINE),
    "footnote": re.compile(r"\[\^[^\]\s]+\]"),
    "unresolved": re.compile(r"\?\?\?|%s\b"),
}
ON_THE_WEB = re.compile(r"(?:https?|mailto):")
EMBEDDED = re.compile(r"https?:|data:image/")
ADDRESS_IN_HTML = re.compile(r"\b(?:href|src)=[\"']?([^\"'\s>]*)")


def leftovers(text):
    """Return what in a Markdown cell is no Markdown, each as a kind and an excerpt."""
    # Formulas have braces of their own.
    tokens = MarkdownIt().enable("table").parse(MATH.sub("x", text))
    return [found for token in tokens for found in _in_block(token)]


def _in_block(token):
    if token.type == "fence":
        return [("directive", token.info)] if token.info.startswith("{") else []
    if token.type == "html_block":
        addresses = ADDRESS_IN_HTML.findall(token.content)
        dead = [("link", address) for address in addresses if not EMBEDDED.match(address)]
        return _raw(token.content) + dead
    if token.type != "inline":
        return []
    text = "".join(
        "\n" if part.type in ("softbreak", "hardbreak") else part.content
        for part in token.children
        if part.type in ("text", "softbreak", "hardbreak")
    )
    return _raw(text) + _in_line(token.children)


def _raw(text):
    matches = ((kind, pattern.search(text)) for kind, pattern in RAW.items())
    return [(kind, match[0]) for kind, match in matches if match]


def _in_line(tokens):
    found = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "link_open" and not ON_THE_WEB.match(token.attrs["href"]):
            found.append(("link", token.attrs["href"]))
        if token.type == "image" and not EMBEDDED.match(token.attrs["src"]):
            found.append(("link", token.attrs["src"]))
        in_code = following is not None and following.type == "code_inline"
        if token.type == "text" and in_code and ROLE.search(token.content):
            found.append(("role", f"{token.content}`{following.content}`"))
        if token.type == "html_inline":
            addresses = ADDRESS_IN_HTML.findall(token.content)
            found += [("link", one) for one in addresses if not EMBEDDED.match(one)]
    return found
