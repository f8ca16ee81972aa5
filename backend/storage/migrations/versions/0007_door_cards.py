"""Cards that open one door once"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'door_cards',
        sa.Column('code_hash', sa.LargeBinary(length=32), nullable=False),
        sa.Column('municipality', sa.String(length=40), nullable=False),
        sa.Column('door', sa.String(length=60), nullable=False),
        sa.Column('expires_on', sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_door_cards')),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table('door_cards')
