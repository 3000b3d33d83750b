"""LoRA adapters: recipes, training data as rendered, the trainer, and the store that never hands
out a stale one.
"""
