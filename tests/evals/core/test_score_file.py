from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evals.core.errors import DataError, UsageError
from evals.core.score_file import ScoreFile
from evals.core.score_index import ScoreIndex

MADE: dict[str, str | None] = {"metrics": "a", "pack": None}


@contextmanager
def opened(
    path: Path, made: dict[str, str | None] = MADE, restart: bool = False
) -> Iterator[ScoreFile]:
    with ScoreIndex() as index, ScoreFile(path, made, index, restart) as file:
        yield file


def settled(file: ScoreFile, records: Iterable[int]) -> int:
    for record in records:
        file.index.want(record)
    return file.settle()


def line(ident: int) -> bytes:
    return b'{"id":%d}\n' % ident


def filled(path: Path, records: list[int]) -> None:
    with opened(path) as file:
        for record in records:
            file.append(record, {"id": record})


def test_nothing_is_written_before_the_first_line(tmp_path: Path) -> None:
    with opened(tmp_path / "s"):
        pass
    assert not list(tmp_path.iterdir())


def test_lines_are_found_again_and_settled_in_order(tmp_path: Path) -> None:
    path = tmp_path / "s"
    filled(path, [1, 2, 3, 4])
    with opened(path) as file:
        assert file.find(5) is None
        assert file.find(3) == {"id": 3}
        file.append(5, {"id": 5})
        file.append(1, {"id": 11})
        assert settled(file, [1, 5, 4, 3]) == 1
    assert path.read_bytes() == line(11) + line(5) + line(4) + line(3)
    whole = path.read_bytes(), path.with_name("s.state").read_bytes()
    with opened(path) as file:
        assert settled(file, [1, 5, 4, 3]) == 0
    assert (path.read_bytes(), path.with_name("s.state").read_bytes()) == whole


@pytest.mark.parametrize("cut", ["output", "state"])
def test_whatever_a_crash_cut_off_is_not_kept(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "s"
    filled(path, [1, 2, 3])
    victim = path if cut == "output" else path.with_name("s.state")
    victim.write_bytes(victim.read_bytes()[:-4])
    with opened(path) as file:
        assert [file.find(record) for record in (1, 2, 3)] == [{"id": 1}, {"id": 2}, None]
        file.append(3, {"id": 3})
        assert settled(file, [1, 2, 3]) == 0
    assert path.read_bytes() == line(1) + line(2) + line(3)


def test_lines_that_were_edited_by_hand_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "s"
    filled(path, [1, 2, 3])
    path.write_bytes(line(3) + line(9))
    with opened(path) as file:
        assert [file.find(record) for record in (1, 2, 3)] == [None, None, {"id": 3}]


def test_other_makings_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "s"
    filled(path, [1])
    with (
        pytest.raises(
            UsageError, match=r"made with another pack\n.*pack none\n.*pack acme 1\n.*--restart"
        ),
        opened(path, {**MADE, "pack": "acme 1"}),
    ):
        pass
    with opened(path, {**MADE, "pack": "acme 1"}, restart=True) as file:
        assert path.read_bytes() == line(1)
        file.append(7, {"id": 7})
    assert path.read_bytes() == line(7)


def test_a_file_of_unknown_origin_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_bytes(line(1))
    with pytest.raises(UsageError, match=r"s.state beside them"), opened(path):
        pass
    path.with_name("s.state").write_text("no JSON\n")
    with pytest.raises(DataError, match="not the state"), opened(path):
        pass
    assert path.read_bytes() == line(1)
