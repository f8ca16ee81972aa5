"""Other calendars that are read again and again"""

import sqlalchemy as sa
from alembic import op

import backend.storage.base

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

INSTANT = backend.storage.base.Instant


def upgrade() -> None:
    op.create_table(
        'calendar_sources',
        sa.Column('host_id', sa.String(length=32), nullable=False),
        sa.Column('wrapped', sa.LargeBinary(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('read_at', INSTANT(), nullable=True),
        sa.Column('next_at', INSTANT(), nullable=False),
        sa.Column('problem', sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_calendar_sources_host_id')),
        sa.PrimaryKeyConstraint('host_id', name=op.f('pk_calendar_sources')),
    )


def downgrade() -> None:
    op.drop_table('calendar_sources')
