"""Hallucination detectors by model name, hub id or folder: `evals.interfaces.Detector` over transformers."""
