"""Mutation testing of the course's numerics: change one place at a time, and see a test fail."""
