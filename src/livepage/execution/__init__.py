"""Chapters are executed: only when something changed, side by side, with every fault told."""
