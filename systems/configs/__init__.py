"""Bundled systems, one TOML file each. Copy one, change it, and run it by its path."""
