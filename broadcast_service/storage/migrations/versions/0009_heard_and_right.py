"""Who has heard that a recording is right although its length is not"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('recording') as batch:
        batch.add_column(sa.Column('vouched_at', tables.UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('vouched_by_id', sa.Integer(), nullable=True))
        batch.create_foreign_key('fk_recording_vouched_by_id_account', 'account', ['vouched_by_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('recording') as batch:
        batch.drop_constraint('fk_recording_vouched_by_id_account', type_='foreignkey')
        batch.drop_column('vouched_by_id')
        batch.drop_column('vouched_at')
