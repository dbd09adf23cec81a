"""When the words of a piece begin, and the files that pieces were encoded into for phones and studios"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('piece', sa.Column('words', sa.JSON(), nullable=True))
    op.create_table('encoding',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('recipe', sa.JSON(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('length_ms', sa.Integer(), nullable=False),
    sa.Column('asked_at', tables.UtcDateTime(), nullable=False),
    sa.Column('ready_at', tables.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_encoding'))
    )
    op.create_index(op.f('ix_encoding_asked_at'), 'encoding', ['asked_at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_encoding_asked_at'), table_name='encoding')
    op.drop_table('encoding')
    with op.batch_alter_table('piece') as batch:
        batch.drop_column('words')
