"""Leaderboards, comparisons, ladders, gates and calibrations in words."""
