"""Retrieval: chunks, bm25s, dense vectors in faiss, reciprocal-rank fusion, and the wall around
private records.
"""
