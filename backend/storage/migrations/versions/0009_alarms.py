"""Alarms about guests in danger: who was rung, who answered, what was done"""

import sqlalchemy as sa
from alembic import op

from backend.storage.base import Instant

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'alarms',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('conversation_id', sa.String(length=32), nullable=False),
        sa.Column('level', sa.String(length=8), nullable=False),
        sa.Column('opened_at', Instant(), nullable=False),
        sa.Column('rang_at', Instant(), nullable=False),
        sa.Column('acknowledged_by', sa.String(length=32), nullable=True),
        sa.Column('acknowledged_at', Instant(), nullable=True),
        sa.Column('closed_at', Instant(), nullable=True),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_alarms_conversation_id')),
        sa.ForeignKeyConstraint(['acknowledged_by'], ['hosts.id'], name=op.f('fk_alarms_acknowledged_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_alarms')),
    )
    op.create_index('ix_alarms_conversation_id', 'alarms', ['conversation_id'])
    op.create_index(
        'uq_alarms_one_open', 'alarms', ['conversation_id'], unique=True,
        sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'),
    )
    op.create_table(
        'alarm_steps',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('alarm_id', sa.String(length=32), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('rung', sa.Integer(), nullable=True),
        sa.Column('host_id', sa.String(length=32), nullable=True),
        sa.Column('act', sa.String(length=24), nullable=True),
        sa.Column('with_host', sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(['alarm_id'], ['alarms.id'], name=op.f('fk_alarm_steps_alarm_id')),
        sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_alarm_steps_host_id')),
        sa.ForeignKeyConstraint(['with_host'], ['hosts.id'], name=op.f('fk_alarm_steps_with_host')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_alarm_steps')),
    )
    op.create_index('ix_alarm_steps_alarm_id', 'alarm_steps', ['alarm_id'])


def downgrade() -> None:
    op.drop_table('alarm_steps')
    op.drop_table('alarms')
