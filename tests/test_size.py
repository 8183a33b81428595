"""The package does not grow unseen: tokens without docstrings and comments, by room (`pytest -s tests/test_size.py` prints them)."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

import analysis

HOME = Path(analysis.__file__).parent
MOST = 251_200  # of these 30,000 for what became of those sent, needs, plan and debts, and 29,500 for groups, units and shocks
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def docstrings(tree: ast.AST) -> set[int]:
    """Lines that documentation stands on."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        first = node.body[0] if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            lines |= set(range(first.lineno, first.end_lineno + 1))
    return lines


def size(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    said = docstrings(ast.parse(text))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(one.type not in LAYOUT and not (one.type == tokenize.STRING and one.start[0] in said) for one in tokens)


def test_the_package_stays_within_its_size():
    """A contributor reads what is there before adding: growth is a decision, not an accident."""
    rooms: Counter = Counter()
    for path in HOME.rglob("*.py"):
        inner = path.relative_to(HOME)
        rooms[inner.parts[0] if len(inner.parts) > 1 else "ground"] += size(path)
    print(*(f"{count:>8} {room}" for room, count in rooms.most_common()), f"{rooms.total():>8} in all", sep="\n")
    assert rooms.total() <= MOST, rooms
