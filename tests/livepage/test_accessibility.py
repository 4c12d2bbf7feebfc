from livepage.accessibility import correct


def test_an_entry_of_a_bibliography_has_no_deprecated_role():
    before = (
        '<div role="list" class="citation-list"><div class="citation" id="id3" '
        'role="doc-biblioentry"><p>A book.</p></div></div>'
    )
    after = '<div class="citation-list"><div class="citation" id="id3"><p>A book.</p></div></div>'
    assert correct(before) == after


def test_a_signature_over_lines_is_no_list_of_definitions():
    before = "<dt>f(\n\n<dl>\n<dd><em>a</em>,</dd>\n<dd><em>b</em>,</dd>\n</dl>\n\n)</dt>"
    lines = '<span class="sig-line"><em>a</em>,</span>\n<span class="sig-line"><em>b</em>,</span>'
    assert correct(before) == f'<dt>f(\n\n<span class="sig-lines">{lines}\n</span>\n\n)</dt>'


def test_real_definitions_and_words_stay():
    html = '<dl class="simple"><dt>loss</dt><dd><p>What is lost.</p></dd></dl><p role="list">x</p>'
    assert correct(html) == html
