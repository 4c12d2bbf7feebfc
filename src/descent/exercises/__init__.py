"""Checks of what the reader writes: right, not there yet, or which mistake it is.

A chapter has the reader complete a function and passes it on::

    gradient_update = exercise_3.check(gradient_update)

`check` prints what it found and returns the function that the rest of the chapter uses. An exercise
is one file: a scenario, a table of mistakes, and the `Exercise` made of them.
"""

from descent.exercises.gradient import exercise_3

__all__ = ["exercise_3"]
