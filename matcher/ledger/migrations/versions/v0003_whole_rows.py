"""Rows of the model whole: whether the capacity is a floor, and the price in the last goal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what earlier runs paid in the last goal is not known."""
    op.add_column("resources", sa.Column("price_tie_break", sa.Float(), nullable=True))
    op.add_column(
        "resources", sa.Column("floor", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute("UPDATE resources SET floor = (rule = 'group_floor')")
