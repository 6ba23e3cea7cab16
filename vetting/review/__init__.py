"""Stage 4: a person decides, with a reason. Nothing is ever rejected or moved by the machine.

taking: a case is in one person's hands at a time. blind: what a reviewer sees before the machine speaks. deciding: the
decision, a second reviewer's, and undoing. order: what comes next. rates: how often people and machine agree.
"""

from __future__ import annotations

from vetting.review.deciding import CannotDecide, decide_case, undo_decision

__all__ = ["CannotDecide", "decide_case", "undo_decision"]
