"""The public Python API: what `adaptbench` exports and the command line calls."""
