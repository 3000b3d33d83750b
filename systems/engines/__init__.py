"""What generates text for a system: local transformers, any OpenAI-compatible server, or a fake for
tests.
"""
