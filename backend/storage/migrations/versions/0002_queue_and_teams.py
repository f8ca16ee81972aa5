"""Queue: wishes, promises and presence. Companions, transfers and notes. Hosts: teams, activity, rest and second factor."""

import sqlalchemy as sa
from alembic import op

import backend.storage.base

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

INSTANT = backend.storage.base.Instant


def upgrade() -> None:
    with op.batch_alter_table('handoffs') as batch:
        batch.add_column(sa.Column('wish', sa.LargeBinary(), nullable=True))
        for name in ('closing_told_at', 'answer_by', 'first_answer_at', 'guest_seen_at'):
            batch.add_column(sa.Column(name, INSTANT(), nullable=True))
        batch.add_column(sa.Column('guest_seen_n', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('outcome', sa.String(length=16), nullable=True))
        batch.create_index('ix_handoffs_status', ['status'])
        batch.create_index('ix_handoffs_claimed_by', ['claimed_by', 'claimed_at'])
    with op.batch_alter_table('hosts') as batch:
        batch.add_column(sa.Column('channels', sa.String(length=80), nullable=False, server_default='municipality'))
        for name in ('active_at', 'resting_until'):
            batch.add_column(sa.Column(name, INSTANT(), nullable=True))
        batch.add_column(sa.Column('totp_sealed', sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column('totp_step', sa.Integer(), nullable=True))
    with op.batch_alter_table('host_sessions') as batch:
        batch.add_column(sa.Column('stage', sa.String(length=8), nullable=False, server_default='open'))
    op.create_table(
        'companions',
        sa.Column('handoff_id', sa.String(length=32), nullable=False),
        sa.Column('host_id', sa.String(length=32), nullable=False),
        sa.Column('writes', sa.Boolean(), nullable=False),
        sa.Column('invited_at', INSTANT(), nullable=False),
        sa.Column('joined_at', INSTANT(), nullable=True),
        sa.ForeignKeyConstraint(['handoff_id'], ['handoffs.id'], name=op.f('fk_companions_handoff_id')),
        sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_companions_host_id')),
        sa.UniqueConstraint('handoff_id', 'host_id', name='uq_companions_host'),
    )
    op.create_table(
        'transfers',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('handoff_id', sa.String(length=32), nullable=False),
        sa.Column('from_host', sa.String(length=32), nullable=False),
        sa.Column('to_host', sa.String(length=32), nullable=True),
        sa.Column('status', sa.String(length=12), nullable=False),
        sa.Column('offered_at', INSTANT(), nullable=False),
        sa.Column('answered_at', INSTANT(), nullable=True),
        sa.ForeignKeyConstraint(['handoff_id'], ['handoffs.id'], name=op.f('fk_transfers_handoff_id')),
        sa.ForeignKeyConstraint(['from_host'], ['hosts.id'], name=op.f('fk_transfers_from_host')),
        sa.ForeignKeyConstraint(['to_host'], ['hosts.id'], name=op.f('fk_transfers_to_host')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_transfers')),
    )
    op.create_index(op.f('ix_transfers_handoff_id'), 'transfers', ['handoff_id'])
    op.create_table(
        'notes',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('conversation_id', sa.String(length=32), nullable=False),
        sa.Column('author_id', sa.String(length=32), nullable=False),
        sa.Column('at', INSTANT(), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_notes_conversation_id')),
        sa.ForeignKeyConstraint(['author_id'], ['hosts.id'], name=op.f('fk_notes_author_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notes')),
    )
    op.create_index(op.f('ix_notes_conversation_id'), 'notes', ['conversation_id'])


def downgrade() -> None:
    for table in ('notes', 'transfers', 'companions'):
        op.drop_table(table)
    with op.batch_alter_table('host_sessions') as batch:
        batch.drop_column('stage')
    with op.batch_alter_table('hosts') as batch:
        for name in ('totp_step', 'totp_sealed', 'resting_until', 'active_at', 'channels'):
            batch.drop_column(name)
    with op.batch_alter_table('handoffs') as batch:
        batch.drop_index('ix_handoffs_claimed_by')
        batch.drop_index('ix_handoffs_status')
        for name in ('outcome', 'guest_seen_n', 'guest_seen_at', 'first_answer_at', 'answer_by', 'closing_told_at', 'wish'):
            batch.drop_column(name)
