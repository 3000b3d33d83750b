from __future__ import annotations

import re
from itertools import pairwise

from evals.report.charts.plots import Point, plane


def test_labels_of_points_that_meet_stand_below_each_other() -> None:
    ends = (0.49, 0.5, 0.51)
    points = [Point(n, f"system {n}", ends, ends, "", front=False) for n in range(4)]
    drawn = plane("a", points, ("x", "y"), (str, str), log=False)
    places = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>system', str(drawn))
    assert len(places) == 4
    assert len({x for x, _ in places}) == 1
    heights = sorted(float(y) for _, y in places)
    assert min(b - a for a, b in pairwise(heights)) >= 13
