"""Waiting for something earlier, a greeting afterwards, and one record of what was sent to guests."""

import sqlalchemy as sa
from alembic import op

import backend.storage.base

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

INSTANT = backend.storage.base.Instant


def upgrade() -> None:
    with op.batch_alter_table('appointments') as batch:
        batch.add_column(sa.Column('follow_up_at', INSTANT(), nullable=True))
        batch.create_index('ix_appointments_follow_up_at', ['follow_up_at'])
    op.create_table(
        'sendings',
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('about', sa.String(length=32), nullable=False),
        sa.Column('at', INSTANT(), nullable=False),
        sa.Column('status', sa.String(length=8), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('changed_at', INSTANT(), nullable=False),
        sa.PrimaryKeyConstraint('kind', 'about', 'at', name=op.f('pk_sendings')),
    )
    op.execute(
        "INSERT INTO sendings (kind, about, at, status, tries, changed_at) "
        "SELECT 'reminder', appointment_id, starts_at, status, tries, changed_at FROM reminders"
    )
    op.drop_table('reminders')
    op.create_table(
        'waits',
        sa.Column('conversation_id', sa.String(length=32), nullable=False),
        sa.Column('appointment_id', sa.String(length=32), nullable=True),
        sa.Column('reference_hash', sa.LargeBinary(length=32), nullable=True),
        sa.Column('form', sa.String(length=12), nullable=True),
        sa.Column('until', INSTANT(), nullable=False),
        sa.Column('asked_at', INSTANT(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_waits_conversation_id')),
        sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_waits_appointment_id')),
        sa.PrimaryKeyConstraint('conversation_id', name=op.f('pk_waits')),
        sa.UniqueConstraint('appointment_id', name=op.f('uq_waits_appointment_id')),
    )
    op.create_index('ix_waits_reference_hash', 'waits', ['reference_hash'])
    op.create_table(
        'wait_offers',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('conversation_id', sa.String(length=32), nullable=False),
        sa.Column('host_id', sa.String(length=32), nullable=False),
        sa.Column('starts_at', INSTANT(), nullable=False),
        sa.Column('answer_by', INSTANT(), nullable=False),
        sa.Column('status', sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(['conversation_id'], ['waits.conversation_id'], name=op.f('fk_wait_offers_conversation_id')),
        sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_wait_offers_host_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_wait_offers')),
        sa.UniqueConstraint('conversation_id', 'starts_at', name=op.f('uq_wait_offers_conversation_id')),
    )
    one_open = {'sqlite_where': sa.text("status = 'open'"), 'postgresql_where': sa.text("status = 'open'")}
    op.create_index('uq_wait_offers_open', 'wait_offers', ['conversation_id'], unique=True, **one_open)
    op.create_index('uq_wait_offers_open_slot', 'wait_offers', ['host_id', 'starts_at'], unique=True, **one_open)


def downgrade() -> None:
    op.drop_table('wait_offers')
    op.drop_table('waits')
    op.create_table(
        'reminders',
        sa.Column('appointment_id', sa.String(length=32), nullable=False),
        sa.Column('starts_at', INSTANT(), nullable=False),
        sa.Column('status', sa.String(length=8), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('changed_at', INSTANT(), nullable=False),
        sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_reminders_appointment_id')),
        sa.PrimaryKeyConstraint('appointment_id', 'starts_at', name=op.f('pk_reminders')),
    )
    op.execute(
        "INSERT INTO reminders (appointment_id, starts_at, status, tries, changed_at) "
        "SELECT about, at, status, tries, changed_at FROM sendings WHERE kind = 'reminder'"
    )
    op.drop_table('sendings')
    with op.batch_alter_table('appointments') as batch:
        batch.drop_index('ix_appointments_follow_up_at')
        batch.drop_column('follow_up_at')
