"""Optimization for deep learning: the mathematics that the chapters of this book import."""
