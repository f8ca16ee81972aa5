"""Reminders of appointments, sent once"""

import sqlalchemy as sa
from alembic import op

import backend.storage.base

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

INSTANT = backend.storage.base.Instant


def upgrade() -> None:
    with op.batch_alter_table('appointments') as batch:
        batch.add_column(sa.Column('remind_at', INSTANT(), nullable=True))
        batch.create_index('ix_appointments_remind_at', ['remind_at'])
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


def downgrade() -> None:
    op.drop_table('reminders')
    with op.batch_alter_table('appointments') as batch:
        batch.drop_index('ix_appointments_remind_at')
        batch.drop_column('remind_at')
