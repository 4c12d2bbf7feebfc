"""Minibatch training and evaluation."""
