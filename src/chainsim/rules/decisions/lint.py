"""What a decision table leaves out and says twice: gaps, overlaps, rows that never decide; each with an example.

Every cell is a set of slices of its input (``axes``), so a row is a box and the table a set of boxes. Overlaps of boxes are found
exactly in any table. A gap is looked for input by input, keeping the rows that are still possible: where rows do not overlap,
counting their slices says at once whether anything is left; where they do, work is bounded and the answer may be "not known".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate, islice
from math import prod
from operator import and_, or_

from chainsim.rules.decisions.axes import Axis, Range, axis
from chainsim.rules.decisions.cells import Cell
from chainsim.rules.decisions.table import DecisionTable, Row

MOST_STEPS = 600_000
"""Slices and combinations of them looked at before a check gives up, some tenths of a second; far above what tables that people
write need."""
MOST_GAPS = 3
LARGEST_TABLE = 20_000_000
"""Rows times slices of all inputs: 1,200 rows of six inputs with different bounds in every cell."""

Example = tuple[tuple[str, tuple[str, str]], ...]
"""Inputs and a value of each (English, Chinese); inputs that are not named may have any value."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Values that no row covers, at most ``MOST_GAPS`` examples; not ``complete`` where the table was too large to be sure."""

    examples: tuple[Example, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows that match the same values."""

    first: Row
    second: Row
    example: Example


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Rows that can never decide because rows before them always do; not ``complete`` where some rows could not be judged."""

    rows: tuple[Row, ...]
    complete: bool


def is_checkable(table: DecisionTable) -> bool:
    """Whether a table is small enough to be looked at at all; the functions below take no other."""
    cuts = (axis(column.operand, [row.cells[i] for row in table.rows]) for i, column in enumerate(table.inputs))
    return len(table.rows) * sum(cut.size for cut in cuts) <= LARGEST_TABLE


def gaps(table: DecisionTable) -> Gaps:
    """Values of the inputs that no row covers."""
    boxes = _Boxes(table)
    search = _Search(boxes, disjoint=not _overlapping(boxes, table.rows, differing=False))
    examples: list[Example] = []
    alive = (1 << len(table.rows)) - 1
    whole = [range(a.size) for a in boxes.axes]
    while len(examples) < MOST_GAPS:
        point = search.uncovered(alive, whole)
        if point is None:
            return Gaps(tuple(examples), search.complete)
        box = boxes.widened(point)
        examples.append(boxes.example_of(box))
        alive |= search.add(box)  # the gap found counts as covered, so that the next one is another
    return Gaps(tuple(examples), True)


def overlaps(table: DecisionTable, *, differing: bool = False) -> tuple[Overlap, ...]:
    """Each row that shares values with a row before it, with the first such row; ``differing``: if their outputs differ."""
    boxes = _Boxes(table)
    return tuple(
        Overlap(table.rows[i], table.rows[j], boxes.shared_example(i, j))
        for i, j in _overlapping(boxes, table.rows, differing=differing)
    )


def unreachable(table: DecisionTable) -> Unreachable:
    """Rows whose every value is covered by rows that win over them (hit policies first and priority)."""
    boxes = _Boxes(table)
    search = _Search(boxes, disjoint=False)
    out: list[Row] = []
    complete = True
    before = 0
    waiting: list[Row] = []
    for row in table.ranked_rows:
        if waiting and (table.hit == "first" or table.rank(waiting[-1]) != table.rank(row)):
            before |= sum(1 << w.number - 1 for w in waiting)  # rows of one rank give the same output
            waiting = []
        waiting.append(row)
        box = boxes.box(row.number - 1)
        rivals = before & boxes.touching(row.number - 1)
        if rivals and search.uncovered(rivals, box) is None:
            if search.complete:
                out.append(row)
            else:
                complete, search.complete = False, True
    return Unreachable(tuple(sorted(out, key=lambda row: row.number)), complete)


class _Boxes:
    """The rows as boxes of slices: ``masks[input][slice]`` has bit r where row r takes in the slice."""

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.axes: list[Axis] = []
        self.masks: list[list[int]] = []
        self.slices: list[list[list[Range]]] = []
        """Input → row → its slices."""
        for index, column in enumerate(table.inputs):
            cells = [row.cells[index] for row in table.rows]
            cut = axis(column.operand, cells)
            known: dict[Cell | None, list[Range]] = {cell: cut.slices(cell) for cell in dict.fromkeys(cells)}
            self.axes.append(cut)
            self.slices.append([known[cell] for cell in cells])
            self.masks.append(_swept(self.slices[-1], cut.size))
        self._hollow = [list(accumulate((i in a.empty for i in range(a.size)), initial=0)) for a in self.axes]
        self._touching: list[dict[tuple[Range, ...], int]] = [{} for _ in self.axes]
        self._levels: list[list[list[int]]] = [_levels(masks) for masks in self.masks]

    def real(self, index: int) -> range | list[int]:
        """The slices of an input that hold values."""
        cut = self.axes[index]
        return [i for i in range(cut.size) if i not in cut.empty] if cut.empty else range(cut.size)

    def extent(self, index: int, row: int) -> int:
        """The number of slices that a row takes in of one input."""
        hollow = self._hollow[index]
        return sum(b - a - (hollow[b] - hollow[a]) for a, b in self.slices[index][row])

    def box(self, row: int) -> list[Sequence[int]]:
        """The slices of each input that a row takes in."""
        return [
            [i for a, b in slices[row] for i in range(a, b) if i not in cut.empty]
            for slices, cut in zip(self.slices, self.axes, strict=True)
        ]

    def touching(self, row: int) -> int:
        """The rows that share a value with ``row``, itself among them."""
        found = (1 << len(self.table.rows)) - 1
        for index, slices in enumerate(self.slices):
            ranges = tuple(slices[row])
            if ranges not in self._touching[index]:
                self._touching[index][ranges] = reduce(
                    or_, (_any_of(self._levels[index], a, b) for a, b in self._real_ranges(index, ranges)), 0
                )
            found &= self._touching[index][ranges]
        return found

    def shared_example(self, first: int, second: int) -> Example:
        """A value of each input that both rows take in; inputs that both leave open are left out."""
        out = []
        for index, column in enumerate(self.table.inputs):
            if self.table.rows[first].cells[index] is None and self.table.rows[second].cells[index] is None:
                continue
            shared = _shared(self.slices[index][first], self.slices[index][second])
            real = (i for a, b in shared for i in range(a, b) if i not in self.axes[index].empty)
            out.append((column.text, self.axes[index].example(_nicest(self.axes[index], list(islice(real, 3))))))
        return tuple(out)

    def widened(self, point: Sequence[int]) -> list[Sequence[int]]:
        """``point`` (a slice of each input that no row takes in) as the largest box around it that no row touches."""
        box: list[Sequence[int]] = [[at] for at in point]
        touched = [self.masks[index][at] for index, at in enumerate(point)]
        for index in range(len(box)):
            others = reduce(and_, (mask for i, mask in enumerate(touched) if i != index), -1)
            box[index] = [i for i in self.real(index) if not self.masks[index][i] & others]
            touched[index] = reduce(or_, (self.masks[index][i] for i in box[index]), 0)
        return box

    def example_of(self, box: Sequence[Sequence[int]]) -> Example:
        """A value of each input in a box; inputs whose every value is in it are left out."""
        return tuple(
            (column.text, cut.example(_nicest(cut, inside)))
            for index, (column, cut, inside) in enumerate(zip(self.table.inputs, self.axes, box, strict=True))
            if len(inside) < len(self.real(index))
        )

    def _real_ranges(self, index: int, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
        empty = self.axes[index].empty
        if not empty:
            return ranges
        return tuple((i, i + 1) for a, b in ranges for i in range(a, b) if i not in empty)


class _Search:
    """Looks for values that given rows leave uncovered."""

    def __init__(self, boxes: _Boxes, *, disjoint: bool) -> None:
        self.complete = True
        self._boxes = boxes
        self._disjoint = disjoint
        self._steps = MOST_STEPS
        self._masks = [list(masks) for masks in boxes.masks]
        self._volumes = [[1] * len(boxes.table.rows) for _ in range(len(boxes.axes) + 1)]
        """Input → row → the number of slices its box has in this and the following inputs."""
        for index in reversed(range(len(boxes.axes))):
            self._volumes[index] = [
                boxes.extent(index, row) * rest for row, rest in enumerate(self._volumes[index + 1])
            ]
        self._seen: set[tuple[int, int]] = set()
        self._free: list[int] = []

    def add(self, box: Sequence[Sequence[int]]) -> int:
        """One more covered box; its bit."""
        bit = 1 << len(self._volumes[0])
        for index, inside in enumerate(box):
            self._volumes[index].append(prod(map(len, box[index:])))
            for at in inside:
                self._masks[index][at] |= bit
        self._volumes[-1].append(1)
        return bit

    def uncovered(self, alive: int, within: Sequence[Sequence[int]]) -> list[int] | None:
        """A slice of each input in ``within`` that no row of ``alive`` takes in; None if there is none (or, not ``complete``,
        if none was found)."""
        self._steps -= sum(map(len, within))
        if self._steps < 0:
            self.complete = False
            return None
        self._seen.clear()
        groups: list[list[tuple[int, int]]] = []
        for index, masks in enumerate(self._masks):
            empty = self._boxes.axes[index].empty
            distinct: dict[int, int] = {}
            for at in within[index]:
                if at not in empty:
                    distinct.setdefault(masks[at] & alive, at)
            groups.append(list(distinct.items()))
        self._free = [alive] * (len(groups) + 1)
        for index in reversed(range(len(groups))):
            self._free[index] = self._free[index + 1] & reduce(and_, (mask for mask, _ in groups[index]), alive)
        self._sizes = [
            sum(1 for at in inside if at not in cut.empty) for inside, cut in zip(within, self._boxes.axes, strict=True)
        ]
        return self._descend(0, alive, groups)

    def _descend(self, index: int, alive: int, groups: list[list[tuple[int, int]]]) -> list[int] | None:
        if not alive:
            return [rest[0][1] for rest in groups[index:]]
        if alive & self._free[index] or (alive and index == len(groups)):
            return None
        if self._disjoint:
            if self._fills(index, alive):
                return None
        elif (index, alive) in self._seen:
            return None
        for mask, at in groups[index]:
            self._steps -= 1
            if self._steps < 0:
                self.complete = False
                return None
            found = self._descend(index + 1, alive & mask, groups)
            if found is not None:
                return [at, *found]
        if not self._disjoint:
            self._seen.add((index, alive))
        return None

    def _fills(self, index: int, alive: int) -> bool:
        """Whether rows that do not overlap take in everything: their slices add up to all."""
        volumes = self._volumes[index]
        rows = _bits(alive)
        self._steps -= len(rows)
        return sum(volumes[row] for row in rows) == prod(self._sizes[index:])


def _overlapping(boxes: _Boxes, rows: Sequence[Row], *, differing: bool) -> list[tuple[int, int]]:
    """Pairs (earlier row, later row): for each later row the first it shares values with."""
    same: dict[object, int] = {}
    for i, row in enumerate(rows):
        same[row.values] = same.get(row.values, 0) | 1 << i
    out = []
    for i, row in enumerate(rows):
        rivals = boxes.touching(i) & ((1 << i) - 1)
        if differing:
            rivals &= ~same[row.values]
        if rivals:
            out.append(((rivals & -rivals).bit_length() - 1, i))
    return out


def _swept(slices: Sequence[Sequence[Range]], size: int) -> list[int]:
    """The rows at each slice, from every row's disjoint ranges."""
    turns = [0] * (size + 1)
    for row, ranges in enumerate(slices):
        for a, b in ranges:
            turns[a] ^= 1 << row
            turns[b] ^= 1 << row
    masks, now = [], 0
    for turn in turns[:-1]:
        now ^= turn
        masks.append(now)
    return masks


def _levels(masks: list[int]) -> list[list[int]]:
    """Level k holds the union of 2^k neighbours, so that any range is a union of two."""
    levels = [masks]
    while len(levels[-1]) > 1 << (len(levels) - 1):
        step, last = 1 << (len(levels) - 1), levels[-1]
        levels.append([last[i] | last[i + step] for i in range(len(last) - step)])
    return levels


def _shared(first: Sequence[Range], second: Sequence[Range]) -> list[Range]:
    """What two lists of disjoint ranges have in common, in order."""
    pairs = ((max(a, c), min(b, d)) for a, b in first for c, d in second)
    return sorted((a, b) for a, b in pairs if a < b)


def _any_of(levels: list[list[int]], a: int, b: int) -> int:
    if a >= b:
        return 0
    level = (b - a).bit_length() - 1
    return levels[level][a] | levels[level][b - (1 << level)]


def _bits(mask: int) -> list[int]:
    out = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return out


def _nicest(cut: Axis, inside: Sequence[int]) -> int:
    """A bound that a cell names rather than something between, a known value rather than unknown."""
    return min(inside, key=lambda i: (i >= cut.known, cut.ordered and i % 2 == 0, i))
