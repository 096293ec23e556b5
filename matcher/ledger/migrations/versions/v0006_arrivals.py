"""Arrivals by coarse cell: how many came in a week, kept longer than the tables they are from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; weeks whose tables are still there are counted when they are next purged."""
    op.create_table(
        "arrivals",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cell", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "cell", name=op.f("pk_arrivals")),
    )
