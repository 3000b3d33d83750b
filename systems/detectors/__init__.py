"""Hallucination detectors by model name, hub id or folder: `evals.core.interfaces.Detector` over
transformers.
"""
