"""Holds, hosts' calendars and other work, booking rules; no two talks of a host may overlap."""

import sqlalchemy as sa
from alembic import op

import backend.storage.base

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

INSTANT = backend.storage.base.Instant
TAKEN = "('held', 'booked')"
EXCLUSION = "ex_appointments_host_time"
OVERLAP = (
    f"WHEN NEW.status IN {TAKEN} AND EXISTS (SELECT 1 FROM appointments a WHERE a.host_id = NEW.host_id AND a.id <> NEW.id "
    f"AND a.status IN {TAKEN} AND a.starts_at < NEW.ends_at AND NEW.starts_at < a.ends_at) "
    "BEGIN SELECT RAISE(ABORT, 'appointments overlap'); END"
)


def upgrade() -> None:
    with op.batch_alter_table('appointments') as batch:
        batch.add_column(sa.Column('expires_at', INSTANT(), nullable=True))
        batch.add_column(sa.Column('last_key', sa.String(length=64), nullable=True))
        batch.create_index('ix_appointments_conversation_id', ['conversation_id'])
        batch.create_index('ix_appointments_starts_at', ['starts_at'])
    op.create_table(
        'booking_rules',
        sa.Column('host_id', sa.String(length=32), nullable=False),
        sa.Column('notice_minutes', sa.Integer(), nullable=False),
        sa.Column('most_a_day', sa.Integer(), nullable=True),
        sa.Column('languages', sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_booking_rules_host_id')),
        sa.PrimaryKeyConstraint('host_id', name=op.f('pk_booking_rules')),
    )
    op.create_table(
        'calendar_feeds',
        sa.Column('host_id', sa.String(length=32), nullable=False),
        sa.Column('secret_hash', sa.LargeBinary(length=32), nullable=False),
        sa.Column('made_at', INSTANT(), nullable=False),
        sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_calendar_feeds_host_id')),
        sa.PrimaryKeyConstraint('host_id', name=op.f('pk_calendar_feeds')),
        sa.UniqueConstraint('secret_hash', name=op.f('uq_calendar_feeds_secret_hash')),
    )
    op.create_table(
        'external_busy',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('host_id', sa.String(length=32), nullable=False),
        sa.Column('starts_at', INSTANT(), nullable=False),
        sa.Column('ends_at', INSTANT(), nullable=False),
        sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_external_busy_host_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_external_busy')),
    )
    op.create_index('ix_external_busy_host_id', 'external_busy', ['host_id', 'ends_at'])
    _guards_up()


def _guards_up() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('CREATE EXTENSION IF NOT EXISTS btree_gist')
        op.execute(
            f'ALTER TABLE appointments ADD CONSTRAINT {EXCLUSION} EXCLUDE USING gist '
            f'(host_id WITH =, tsrange(starts_at, ends_at) WITH &&) WHERE (status IN {TAKEN})'
        )
        return
    op.execute(f'CREATE TRIGGER tr_appointments_overlap_insert BEFORE INSERT ON appointments {OVERLAP}')
    op.execute(
        'CREATE TRIGGER tr_appointments_overlap_update BEFORE UPDATE OF host_id, starts_at, ends_at, status '
        f'ON appointments {OVERLAP}'
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(f'ALTER TABLE appointments DROP CONSTRAINT {EXCLUSION}')
    else:
        op.execute('DROP TRIGGER tr_appointments_overlap_update')
        op.execute('DROP TRIGGER tr_appointments_overlap_insert')
    for table in ('external_busy', 'calendar_feeds', 'booking_rules'):
        op.drop_table(table)
    with op.batch_alter_table('appointments') as batch:
        batch.drop_index('ix_appointments_starts_at')
        batch.drop_index('ix_appointments_conversation_id')
        batch.drop_column('last_key')
        batch.drop_column('expires_at')
