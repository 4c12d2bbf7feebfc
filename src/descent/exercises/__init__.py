"""Checks of what the reader writes: right, not there yet, or which mistake it is.

A chapter has the reader complete a function and passes it on::

    gradient_update = exercise_3.check(gradient_update)

``check`` prints what it found and returns the function that the rest of the chapter uses. An
exercise is one file: a scenario, a table of mistakes, and the
`~descent.exercises.checking.Exercise` made of them.
"""

from descent.exercises.gradient import exercise_3
from descent.exercises.minibatch import exercise_6
from descent.exercises.momentum import exercise_4
from descent.exercises.rmsprop import exercise_7
from descent.exercises.training import exercise_9

__all__ = ["exercise_3", "exercise_4", "exercise_6", "exercise_7", "exercise_9"]
