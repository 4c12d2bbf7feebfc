"""Formulas are set by the build: read by eye and ear, without a script or another host."""

import re
import sys

import pytest

from livepage.pages import formulas

TEXT = r"""
The rate is $(\sqrt\kappa - 1) / (\sqrt\kappa + 1)$.

$$
v \leftarrow \beta v - lr \, \nabla L(w)
$$ (velocity)

See {eq}`velocity`.
"""


@pytest.fixture(scope="module")
def book(built_book):
    built_book.append("first", TEXT)
    status, output = built_book.build()
    assert status == 0, output
    return built_book


def test_a_formula_is_set_and_keeps_its_latex(book):
    page = book.page("first")
    assert page.count('class="katex-html"') == 2
    source = r'<annotation encoding="application/x-tex">v \leftarrow \beta v - lr \, \nabla L(w)'
    assert source in page
    assert '<span class="eqno">(1)<a class="headerlink"' in page
    assert 'href="#equation-velocity">(1)</a>' in page


def test_a_line_cannot_begin_with_the_stop_after_a_formula(book):
    assert re.search(r"</span>\.</span></p>", book.page("first"))


def test_only_a_page_with_formulas_loads_what_they_need(book):
    loaded = re.findall(r'_static/((?:katex|copy-tex)\.[^"]+)"', book.page("first"))
    assert len(loaded) == 2
    assert not re.search("katex|copy-tex", book.page("second"))
    static = book.site / "_static"
    assert all((static / name).is_file() for name in loaded)
    (style,) = (name for name in loaded if name.endswith(".css"))
    fonts = re.findall(r"KaTeX_[\w.-]+\.woff2", (static / style).read_text())
    assert any(name.startswith("KaTeX_Main-Regular") for name in fonts)
    assert all((static / name).is_file() for name in fonts)


def test_no_page_asks_another_host_for_its_formulas(book):
    assert "cdn" not in book.page("first")


def test_a_formula_that_cannot_be_set_fails_the_build_and_is_named(small_book):
    small_book.append("first", r"Both $\fraction{1}{2}$ and $a_$.")
    status, output = small_book.build()
    assert status != 0
    ending = output[output.index("The book was not built") :]
    assert "book/first.md:" in ending
    assert r"\fraction" in ending
    assert not small_book.site.exists()


@pytest.mark.parametrize(
    ("latex", "line"),
    [
        (r"\kappa = \frac{L}{\mu}", "κ = L/μ"),
        (r"\frac{\kappa - 1}{\kappa + 1}", "(κ − 1)/(κ + 1)"),
        (r"\sqrt{s} + \beta_1^t", "√s + β_1^t"),
        (r"\sum_{i=1}^{N} x_i \text{ if } x < 2", "∑_(i = 1)^N x_i if x < 2"),
        (r"\begin{gathered} a = 1 , \\ b = 2 . \end{gathered}", "a = 1, b = 2."),
    ],
)
def test_a_formula_reads_as_a_line(latex, line):
    formulas.find_katex(None)
    assert formulas.readable(formulas.render_latex(latex, {"throwOnError": True})) == line


def test_without_katex_the_build_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(formulas, "FOLDER", tmp_path)
    with pytest.raises(formulas.ExtensionError, match="make book"):
        formulas.find_katex(None)


def test_a_server_that_does_not_listen_yet_is_waited_for(tmp_path, monkeypatch):
    slow = (
        "import socket, time\n"
        "server = socket.socket(socket.AF_UNIX)\n"
        "server.bind('katex.sock')\n"
        "time.sleep(0.5)\n"
        "server.listen()\n"
        "time.sleep(5)\n"
    )
    command = [sys.executable, "-c", slow]
    monkeypatch.setattr(formulas.KaTeXServer, "build_command", lambda socket: command)
    process, connection = formulas._start_server(tmp_path, timeout=30)
    connection.close()
    process.kill()
    process.communicate()
