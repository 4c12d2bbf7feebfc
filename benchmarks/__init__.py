"""What is fast, against what, side by side in one run."""
