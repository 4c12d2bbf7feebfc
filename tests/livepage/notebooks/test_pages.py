import pytest

from livepage.notebooks.pages import site_address


@pytest.mark.parametrize(
    ("baseurl", "repository", "address"),
    [
        ("", "https://github.com/Owner/Book", "https://owner.github.io/Book/"),
        ("", "https://github.com/owner/owner.github.io", "https://owner.github.io/"),
        ("https://book.org", "https://github.com/owner/book", "https://book.org/"),
        ("https://book.org/deep/", "", "https://book.org/deep/"),
        ("", "https://gitlab.com/group/sub/book", ""),
        ("", "", ""),
    ],
)
def test_the_site_is_where_the_configuration_or_github_says(baseurl, repository, address):
    assert site_address(baseurl, repository) == address
