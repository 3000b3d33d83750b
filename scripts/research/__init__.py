"""Fitting and validating of scorers: `python -m scripts.research.NAME`. Never imported by the
package.
"""
