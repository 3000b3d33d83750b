"""What answers: engines, retrieval, training, the 2x2 of adaptation families, and the controls."""
