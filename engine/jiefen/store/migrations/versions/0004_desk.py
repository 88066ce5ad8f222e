"""The desk: parties, links between cases, absences, notes, files, search."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the desk."""


def downgrade() -> None:
    """Take them away."""
