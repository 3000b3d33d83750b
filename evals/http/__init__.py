"""One client for OpenAI-compatible servers: engines, judges and, in what does not touch its clock,
load.
"""
