"""A pack from what a company has at hand: a table of questions and a folder of documents."""

from __future__ import annotations

from suites.packs.own.assemble import Summary, import_own

__all__ = ["Summary", "import_own"]
