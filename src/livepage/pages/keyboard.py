"""The side bars on a narrow screen, for those who use the keyboard or listen."""


def setup(app):
    """Register with Sphinx: the script that tells their state, and closes one that is left."""
    app.add_js_file("keyboard.js", loading_method="defer")
