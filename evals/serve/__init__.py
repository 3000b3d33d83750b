"""Serves any system over HTTP the way OpenAI's chat completions are served, with streaming and
batching.
"""
