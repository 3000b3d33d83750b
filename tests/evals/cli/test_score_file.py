from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from evals.cli.score_file import ScoreFile
from evals.errors import DataError, UsageError

MADE = {"metrics": "a", "pack": None}


def line(ident: int) -> bytes:
    return b'{"id":%d}\n' % ident


def filled(path: Path, records: list[int]) -> None:
    with ScoreFile(path, MADE) as file:
        for record in records:
            file.append(record, {"id": record})


def test_nothing_is_written_before_the_first_line(tmp_path: Path) -> None:
    with ScoreFile(tmp_path / "s", MADE):
        pass
    assert not list(tmp_path.iterdir())


def test_lines_are_found_again_and_settled_in_order(tmp_path: Path) -> None:
    path = tmp_path / "s"
    filled(path, [1, 2, 3, 4])
    with ScoreFile(path, MADE) as file:
        assert 2 in file and 5 not in file
        assert file.find(3) == {"id": 3}
        file.append(5, {"id": 5})
        file.append(1, {"id": 11})
        assert file.settle(array("q", [1, 5, 4, 3])) == 1
    assert path.read_bytes() == line(11) + line(5) + line(4) + line(3)
    whole = path.read_bytes(), path.with_name("s.state").read_bytes()
    with ScoreFile(path, MADE) as file:
        assert file.settle(array("q", [1, 5, 4, 3])) == 0
    assert (path.read_bytes(), path.with_name("s.state").read_bytes()) == whole


@pytest.mark.parametrize("cut", ["output", "state"])
def test_whatever_a_crash_cut_off_is_not_kept(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "s"
    filled(path, [1, 2, 3])
    victim = path if cut == "output" else path.with_name("s.state")
    victim.write_bytes(victim.read_bytes()[:-4])
    with ScoreFile(path, MADE) as file:
        assert [record in file for record in (1, 2, 3)] == [True, True, False]
        file.append(3, {"id": 3})
        assert file.settle(array("q", [1, 2, 3])) == 0
    assert path.read_bytes() == line(1) + line(2) + line(3)


def test_lines_that_were_edited_by_hand_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "s"
    filled(path, [1, 2, 3])
    path.write_bytes(line(3) + line(9))
    with ScoreFile(path, MADE) as file:
        assert [record in file for record in (1, 2, 3)] == [False, False, True]


def test_other_makings_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "s"
    filled(path, [1])
    with pytest.raises(UsageError, match=r"made with another pack\n.*pack none\n.*pack acme 1\n.*--restart"):
        ScoreFile(path, {**MADE, "pack": "acme 1"})
    with ScoreFile(path, {**MADE, "pack": "acme 1"}, restart=True) as file:
        assert path.read_bytes() == line(1)
        file.append(7, {"id": 7})
    assert path.read_bytes() == line(7)


def test_a_file_of_unknown_origin_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_bytes(line(1))
    with pytest.raises(UsageError, match=r"s.state beside them"):
        ScoreFile(path, MADE)
    path.with_name("s.state").write_text("no JSON\n")
    with pytest.raises(DataError, match="not the state"):
        ScoreFile(path, MADE)
    assert path.read_bytes() == line(1)
