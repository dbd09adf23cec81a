"""Which paragraphs of a revision somebody has listened to"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hearing',
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('paragraph', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('heard_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_hearing_account_id_account')),
    sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_hearing_revision_id_revision')),
    sa.PrimaryKeyConstraint('revision_id', 'account_id', 'paragraph', name=op.f('pk_hearing'))
    )


def downgrade() -> None:
    op.drop_table('hearing')
