"""Links of the pages that lead out of docs/ (source files, CHANGELOG): shown as code on the site.

On the code host they work as they stand; a site that is read offline has no address for them.
Raises FileNotFoundError for a link to a file that does not exist.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
_OUT = re.compile(r"\[([^\]]+)\]\((\.\./[^)#]*|examples/[^)#]*)(#[^)]*)?\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with its outward links as plain text."""
    return _OUT.sub(_plain, markdown)


def _plain(link: re.Match[str]) -> str:
    (DOCS / link[2]).resolve(strict=True)
    return link[1]
