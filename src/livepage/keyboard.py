"""For those who use the keyboard or listen: side bars on a narrow screen, and code that scrolls."""


def setup(app):
    """Register with Sphinx: the script that completes what the theme does for them."""
    app.add_js_file("keyboard.js", loading_method="defer")
