from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.document import replace_block, with_block
from evals.core.errors import UsageError

PAGE = (
    "# Page\n\nbefore\n<!-- a -->\nold\n<!-- end -->\nbetween\n<!-- b -->\nkept\n<!-- end"
    " -->\nafter\n"
)


def test_only_what_stands_between_the_markers_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    replace_block(page, "<!-- a -->", "<!-- end -->", "\nnew \\1 figures\n\n")
    assert page.read_text() == PAGE.replace("old", "new \\1 figures")
    assert with_block(page, "<!-- a -->", "<!-- end -->", "new \\1 figures") == page.read_text()


@pytest.mark.parametrize("text", ["no markers\n", "<!-- a -->\n", "<!-- end -->\n<!-- a -->\n"])
def test_a_page_without_its_markers_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(UsageError, match="no place"):
        replace_block(page, "<!-- a -->", "<!-- end -->", "new")
    assert page.read_text() == text


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read") as caught:
        replace_block(tmp_path / "none.md", "a", "b", "new")
    assert "none.md" in str(caught.value)
