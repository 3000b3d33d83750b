"""A voice from a brand's own texts: read, fit, measured and kept as JSON."""
