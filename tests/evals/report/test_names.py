from __future__ import annotations

import pytest

from evals.report.names import Names, Rows


def test_names_are_a_list_of_strings() -> None:
    words = ["", "a/1", "é☃", "b" * 300]
    names = Names()
    for word in words:
        names.append(word)
    assert list(names) == words
    assert (len(names), names[-1], names[1:3]) == (4, "b" * 300, ["a/1", "é☃"])
    with pytest.raises(IndexError):
        names[4]


@pytest.mark.parametrize(
    "later", [["a", "b", "c"], ["c", "a", "b"], ["b", "d", "a", "e", "c", "d"], ["c", "f"]]
)
def test_rows_are_those_of_a_table(later: list[str]) -> None:
    rows, table = Rows(), dict[str, int]()
    for words in (["a", "b", "c"], later, ["a", "b", "c", "g"]):
        rows.again()
        assert [rows.row(word) for word in words] == [
            table.setdefault(word, len(table)) for word in words
        ]
