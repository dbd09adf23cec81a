"""The lexicon, and readings of regions and stations"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lexicon_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=True),
    sa.Column('script_id', sa.Integer(), nullable=True),
    sa.Column('written', sa.Text(), nullable=False),
    sa.Column('spoken', sa.Text(), nullable=False),
    sa.Column('example', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('changed_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_lexicon_entry_author_id_account')),
    sa.ForeignKeyConstraint(['script_id'], ['script.id'], name=op.f('fk_lexicon_entry_script_id_script')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_lexicon_entry_station_id_station')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lexicon_entry')),
    sa.UniqueConstraint('scope', 'written', name=op.f('uq_lexicon_entry_scope_written'))
    )
    op.create_table('local_reading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=True),
    sa.Column('spoken', sa.Text(), nullable=False),
    sa.Column('content_hash', sa.Text(), nullable=False),
    sa.Column('approval_id', sa.Integer(), nullable=True),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['approval_id'], ['approval.id'], name=op.f('fk_local_reading_approval_id_approval')),
    sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_local_reading_revision_id_revision')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_local_reading_station_id_station')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_local_reading'))
    )
    op.create_index(op.f('ix_local_reading_revision_id'), 'local_reading', ['revision_id'], unique=False)
    op.create_index(op.f('ix_local_reading_station_id'), 'local_reading', ['station_id'], unique=False)


def downgrade() -> None:
    op.drop_table('local_reading')
    op.drop_table('lexicon_entry')
