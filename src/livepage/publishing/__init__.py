"""What leaves the build: files to take away, a branch of notebooks, checked links, issues."""
