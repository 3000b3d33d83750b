"""Readers of answers that metrics share, each with its features, its model and its weights."""
