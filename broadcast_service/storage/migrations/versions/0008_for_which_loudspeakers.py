"""For which loudspeakers a station's packages are made"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('station', sa.Column('profile', sa.Text(), nullable=False, server_default='web'))
    op.add_column('station', sa.Column('updated_at', tables.UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('station') as batch:
        batch.drop_column('updated_at')
        batch.drop_column('profile')
