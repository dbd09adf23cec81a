"""Which voice speaks: orders of preference, several voices in a script, what happens when one fails"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('station', sa.Column('voices', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('script', sa.Column('voices', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('script', sa.Column('speakers', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('script', sa.Column('is_internal', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('slot', sa.Column('when_voice_fails', sa.Text(), nullable=False, server_default='wait'))
    op.add_column('cue', sa.Column('wanted_voice', sa.Text(), nullable=False, server_default=''))
    op.add_column('cue', sa.Column('voice_reason', sa.Text(), nullable=False, server_default=''))
    op.add_column('rendition', sa.Column('voices', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('rendition', sa.Column('failed_at', tables.UtcDateTime(), nullable=True))


def downgrade() -> None:
    for table, columns in {
        'rendition': ('failed_at', 'voices'),
        'cue': ('voice_reason', 'wanted_voice'),
        'slot': ('when_voice_fails',),
        'script': ('is_internal', 'speakers', 'voices'),
        'station': ('voices',),
    }.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
