"""What people have read into a microphone"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recording',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('reading_id', sa.Integer(), nullable=True),
    sa.Column('paragraph', sa.Integer(), nullable=True),
    sa.Column('paragraphs', sa.JSON(), nullable=False),
    sa.Column('text_hash', sa.Text(), nullable=False),
    sa.Column('reader', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('original', sa.Text(), nullable=False),
    sa.Column('original_name', sa.Text(), nullable=False),
    sa.Column('original_format', sa.Text(), nullable=False),
    sa.Column('original_bytes', sa.Integer(), nullable=False),
    sa.Column('piece_keys', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('notes', sa.JSON(), nullable=False),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.Column('withdrawn_at', tables.UtcDateTime(), nullable=True),
    sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_recording_account_id_account')),
    sa.ForeignKeyConstraint(['reading_id'], ['local_reading.id'], name=op.f('fk_recording_reading_id_local_reading')),
    sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_recording_revision_id_revision')),
    sa.ForeignKeyConstraint(['withdrawn_by_id'], ['account.id'], name=op.f('fk_recording_withdrawn_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording'))
    )
    op.create_index(op.f('ix_recording_revision_id'), 'recording', ['revision_id'], unique=False)
    op.create_index(op.f('ix_recording_text_hash'), 'recording', ['text_hash'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_recording_text_hash'), table_name='recording')
    op.drop_index(op.f('ix_recording_revision_id'), table_name='recording')
    op.drop_table('recording')
