import sys

from livepage import glue


def test_glue_does_nothing_where_no_page_is_built(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "myst_nb", None)
    glue("name", 1.5)
    assert capsys.readouterr().out == ""
