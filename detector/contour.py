"""Heat -> smooth steps: closed outlines around the fields of a grid where a trace is at least so strong.

Marching squares over the middles of the fields (Lorensen and Cline, 1987, in two dimensions), the corners then rounded
by quadratic curves through the middles of the sides. A dozen fields across give a few kilobytes of path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detector.observation import Heat, Point

FAINT = 0.15  # weaker fields are not drawn
STEPS = (FAINT, 0.35, 0.55, 0.75)
# Of one step. Where all lie above one another that is 1 - (1 - OPACITY) ** len(STEPS) = 0.43: the face stays visible.
OPACITY = 0.13

Ring = list[Point]
Edge = tuple[int, int, bool]  # row, column, and whether it runs down: from the node at row, column to the next one


def heat_paths(heat: Heat) -> tuple[str, ...]:
    """The `d` of one SVG path a step, weakest first, to be filled by the even-odd rule; none for a faint heat."""
    return tuple(path for step in STEPS if (path := "".join(map(_path, _on_picture(heat, step)))))


def is_faint(heat: Heat) -> bool:
    """Whether nothing of it would be drawn."""
    return max(map(max, heat.values)) < FAINT


def rings_of(values: Sequence[Sequence[float]], step: float) -> list[Ring]:
    """Closed outlines around what reaches `step`, in fields: 0, 0 is the grid's upper left corner."""
    nodes, down, across = _nodes(values)
    following = dict(_segments(nodes, step))
    rings = []
    while following:
        start, edge = following.popitem()
        ring = [_crossing(start, nodes, down, across, step)]
        while edge != start:
            ring.append(_crossing(edge, nodes, down, across, step))
            edge = following.pop(edge)
        rings.append(ring)
    return rings


def _nodes(values: Sequence[Sequence[float]]) -> tuple[list[list[float]], list[float], list[float]]:
    """The values at the middles of the fields and on the grid's border, and zeros around it: every outline closes."""
    rows = [[0.0, row[0], *row, row[-1], 0.0] for row in values]
    empty = [0.0] * len(rows[0])
    return [empty, rows[0], *rows, rows[-1], empty], _places(len(values)), _places(len(values[0]))


def _places(count: int) -> list[float]:
    return [0.0, 0.0, *(at + 0.5 for at in range(count)), float(count), float(count)]


def _segments(nodes: Sequence[Sequence[float]], step: float) -> Iterator[tuple[Edge, Edge]]:
    """From the edge by which an outline enters a square of four nodes to the edge by which it leaves."""
    for row in range(len(nodes) - 1):
        for column in range(len(nodes[0]) - 1):
            corners = ((row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column))
            inside = [nodes[y][x] >= step for y, x in corners]
            edges = (row, column, False), (row, column + 1, True), (row + 1, column, False), (row, column, True)
            for at in range(4):
                if not inside[at] and inside[(at + 1) % 4]:
                    leaves = next(at + on for on in range(1, 4) if not inside[(at + on + 1) % 4])
                    yield edges[at], edges[leaves % 4]


def _crossing(
    edge: Edge, nodes: Sequence[Sequence[float]], down: Sequence[float], across: Sequence[float], step: float
) -> Point:
    """Where the value on the edge is `step`."""
    row, column, runs_down = edge
    first = nodes[row][column]
    second = nodes[row + 1][column] if runs_down else nodes[row][column + 1]
    share = (step - first) / (second - first)
    if runs_down:
        return across[column], down[row] + share * (down[row + 1] - down[row])
    return across[column] + share * (across[column + 1] - across[column]), down[row]


def _on_picture(heat: Heat, step: float) -> Iterator[Ring]:
    """The outlines in pixels: the grid's fields lie between its four corners, whichever way it is turned."""
    wide, tall = len(heat.values[0]), len(heat.values)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = heat.corners
    for ring in rings_of(heat.values, step):
        shares = [(x / wide, y / tall) for x, y in ring]
        yield [
            (
                (1 - v) * ((1 - u) * ax + u * bx) + v * ((1 - u) * dx + u * cx),
                (1 - v) * ((1 - u) * ay + u * by) + v * ((1 - u) * dy + u * cy),
            )
            for u, v in shares
        ]


def _path(ring: Ring) -> str:
    """A closed curve that touches each side of the ring in its middle."""
    middles = [((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(ring, [*ring[1:], ring[0]], strict=True)]
    curves = (f"Q{x:.1f} {y:.1f} {u:.1f} {v:.1f}" for (x, y), (u, v) in zip(ring, middles, strict=True))
    return f"M{middles[-1][0]:.1f} {middles[-1][1]:.1f}{''.join(curves)}Z"
