"""Sounds that are handed in, chosen by programmes and heard before they are published"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('piece', sa.Column('checks', sa.JSON(), nullable=True))
    op.add_column('piece', sa.Column('is_faulty', sa.Boolean(), nullable=True))
    op.add_column('rendition', sa.Column('is_faulty', sa.Boolean(), nullable=True))
    op.add_column('sound', sa.Column('original', sa.Text(), nullable=True))
    op.add_column('sound', sa.Column('made_of', sa.JSON(), nullable=True))
    op.add_column('sound', sa.Column('valid_from', sa.Date(), nullable=True))
    op.add_column('sound', sa.Column('valid_until', sa.Date(), nullable=True))
    op.add_column('sound', sa.Column('created_at', tables.UtcDateTime(), nullable=True))
    op.add_column('sound', sa.Column('put_away_at', tables.UtcDateTime(), nullable=True))
    op.add_column('programme', sa.Column('sounds', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('programme', sa.Column('has_bed', sa.Boolean(), nullable=False, server_default=sa.false()))
    # SQLite adds a column with its foreign key only in one sentence
    op.execute('ALTER TABLE rendition ADD COLUMN bed_key TEXT'
               ' CONSTRAINT fk_rendition_bed_key_piece REFERENCES piece (key)')
    op.execute('ALTER TABLE sound ADD COLUMN account_id INTEGER'
               ' CONSTRAINT fk_sound_account_id_account REFERENCES account (id)')


def downgrade() -> None:
    for table, columns in {
        'rendition': ('bed_key', 'is_faulty'),
        'sound': ('account_id', 'original', 'made_of', 'valid_from', 'valid_until', 'created_at', 'put_away_at'),
        'programme': ('sounds', 'has_bed'),
        'piece': ('checks', 'is_faulty'),
    }.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
