"""The first tables"""

import sqlalchemy as sa
from alembic import op

from broadcast_service.storage import tables

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('full_name', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('name', name=op.f('uq_account_name'))
    )
    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('idem_key', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('due_at', tables.UtcDateTime(), nullable=False),
    sa.Column('not_before', tables.UtcDateTime(), nullable=False),
    sa.Column('lease_owner', sa.Text(), nullable=False),
    sa.Column('lease_until', tables.UtcDateTime(), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.Column('finished_at', tables.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('idem_key', name=op.f('uq_job_idem_key'))
    )
    op.create_index('ix_job_state_not_before', 'job', ['state', 'not_before'], unique=False)
    op.create_table('piece',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('blob', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('frames', sa.Integer(), nullable=False),
    sa.Column('loudness_lufs', sa.Double(), nullable=False),
    sa.Column('true_peak_dbtp', sa.Double(), nullable=False),
    sa.Column('peaks', sa.JSON(), nullable=False),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_piece'))
    )
    op.create_index(op.f('ix_piece_blob'), 'piece', ['blob'], unique=False)
    op.create_table('preference',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_preference'))
    )
    op.create_table('programme',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('letters', sa.Text(), nullable=False),
    sa.Column('hue', sa.Text(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme')),
    sa.UniqueConstraint('code', name=op.f('uq_programme_code'))
    )
    op.create_table('rendition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('voice', sa.Text(), nullable=False),
    sa.Column('paragraphs', sa.JSON(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('estimated_ms', sa.Integer(), nullable=False),
    sa.Column('frames', sa.Integer(), nullable=True),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.Column('ready_at', tables.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rendition')),
    sa.UniqueConstraint('key', name=op.f('uq_rendition_key'))
    )
    op.create_index(op.f('ix_rendition_state'), 'rendition', ['state'], unique=False)
    op.create_table('throttle',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('tokens', sa.Double(), nullable=False),
    sa.Column('updated_at', tables.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_throttle'))
    )
    op.create_table('unit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('legal_basis', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit')),
    sa.UniqueConstraint('code', name=op.f('uq_unit_code'))
    )
    op.create_table('grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_grant_account_id_account')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_grant_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grant')),
    sa.UniqueConstraint('account_id', 'role', 'unit_id', name=op.f('uq_grant_account_id_role_unit_id'))
    )
    op.create_index(op.f('ix_grant_account_id'), 'grant', ['account_id'], unique=False)
    op.create_table('invitation',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.Column('expires_at', tables.UtcDateTime(), nullable=False),
    sa.Column('used_at', tables.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_invitation_account_id_account')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_invitation'))
    )
    op.create_table('rendition_piece',
    sa.Column('rendition_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('piece_key', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['piece_key'], ['piece.key'], name=op.f('fk_rendition_piece_piece_key_piece')),
    sa.ForeignKeyConstraint(['rendition_id'], ['rendition.id'], name=op.f('fk_rendition_piece_rendition_id_rendition')),
    sa.PrimaryKeyConstraint('rendition_id', 'position', name=op.f('pk_rendition_piece'))
    )
    op.create_index(op.f('ix_rendition_piece_piece_key'), 'rendition_piece', ['piece_key'], unique=False)
    op.create_table('script',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('genre', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('content_group', sa.Text(), nullable=False),
    sa.Column('movement', sa.Text(), nullable=False),
    sa.Column('object_group', sa.Text(), nullable=False),
    sa.Column('exemplar_kind', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('shell', sa.Text(), nullable=False),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('is_evergreen', sa.Boolean(), nullable=False),
    sa.Column('shipped_sha256', sa.Text(), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('sort_key', sa.Text(), nullable=False),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.Column('updated_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_script_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_script')),
    sa.UniqueConstraint('code', name=op.f('uq_script_code'))
    )
    op.create_index(op.f('ix_script_area'), 'script', ['area'], unique=False)
    op.create_index(op.f('ix_script_field'), 'script', ['field'], unique=False)
    op.create_index(op.f('ix_script_shell'), 'script', ['shell'], unique=False)
    op.create_index(op.f('ix_script_sort_key'), 'script', ['sort_key'], unique=False)
    op.create_index(op.f('ix_script_status'), 'script', ['status'], unique=False)
    op.create_index(op.f('ix_script_updated_at'), 'script', ['updated_at'], unique=False)
    op.create_table('sign_in',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.Column('seen_at', tables.UtcDateTime(), nullable=False),
    sa.Column('idle_until', tables.UtcDateTime(), nullable=False),
    sa.Column('expires_at', tables.UtcDateTime(), nullable=False),
    sa.Column('remembered', sa.Boolean(), nullable=False),
    sa.Column('browser', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_sign_in_account_id_account')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sign_in'))
    )
    op.create_index(op.f('ix_sign_in_account_id'), 'sign_in', ['account_id'], unique=False)
    op.create_table('slot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('weekdays', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.Time(), nullable=False),
    sa.Column('zone', sa.Text(), nullable=False),
    sa.Column('length_s', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_slot_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slot'))
    )
    op.create_index(op.f('ix_slot_programme_id'), 'slot', ['programme_id'], unique=False)
    op.create_table('sound',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('piece_key', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['piece_key'], ['piece.key'], name=op.f('fk_sound_piece_key_piece')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sound')),
    sa.UniqueConstraint('code', name=op.f('uq_sound_code'))
    )
    op.create_table('station',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('letters', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('quiet_from', sa.Time(), nullable=False),
    sa.Column('quiet_until', sa.Time(), nullable=False),
    sa.Column('quiet_decision', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_station_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station')),
    sa.UniqueConstraint('code', name=op.f('uq_station_code'))
    )
    op.create_index(op.f('ix_station_unit_id'), 'station', ['unit_id'], unique=False)
    op.create_table('succession',
    sa.Column('predecessor_id', sa.Integer(), nullable=False),
    sa.Column('successor_id', sa.Integer(), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['predecessor_id'], ['unit.id'], name=op.f('fk_succession_predecessor_id_unit')),
    sa.ForeignKeyConstraint(['successor_id'], ['unit.id'], name=op.f('fk_succession_successor_id_unit')),
    sa.PrimaryKeyConstraint('predecessor_id', 'successor_id', name=op.f('pk_succession'))
    )
    op.create_index(op.f('ix_succession_successor_id'), 'succession', ['successor_id'], unique=False)
    op.create_table('broadcast',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slot_id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('local_date', sa.Date(), nullable=False),
    sa.Column('starts_at', tables.UtcDateTime(), nullable=False),
    sa.Column('length_s', sa.Integer(), nullable=False),
    sa.Column('filled_at', tables.UtcDateTime(), nullable=True),
    sa.Column('edited_at', tables.UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_broadcast_programme_id_programme')),
    sa.ForeignKeyConstraint(['slot_id'], ['slot.id'], name=op.f('fk_broadcast_slot_id_slot')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_broadcast_station_id_station')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broadcast')),
    sa.UniqueConstraint('slot_id', 'station_id', 'local_date', name=op.f('uq_broadcast_slot_id_station_id_local_date'))
    )
    op.create_index(op.f('ix_broadcast_local_date'), 'broadcast', ['local_date'], unique=False)
    op.create_index(op.f('ix_broadcast_starts_at'), 'broadcast', ['starts_at'], unique=False)
    op.create_index('ix_broadcast_station_starts', 'broadcast', ['station_id', 'starts_at'], unique=False)
    op.create_table('package',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('local_date', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content_hash', sa.Text(), nullable=False),
    sa.Column('broadcast_ids', sa.JSON(), nullable=False),
    sa.Column('layout', sa.JSON(), nullable=False),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_package_station_id_station')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_package')),
    sa.UniqueConstraint('station_id', 'local_date', 'number', name=op.f('uq_package_station_id_local_date_number'))
    )
    op.create_index(op.f('ix_package_local_date'), 'package', ['local_date'], unique=False)
    op.create_index(op.f('ix_package_station_id'), 'package', ['station_id'], unique=False)
    op.create_table('revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('script_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('written', sa.Text(), nullable=False),
    sa.Column('spoken', sa.Text(), nullable=False),
    sa.Column('spans', sa.JSON(), nullable=False),
    sa.Column('questions', sa.JSON(), nullable=False),
    sa.Column('content_hash', sa.Text(), nullable=False),
    sa.Column('syllables', sa.Integer(), nullable=False),
    sa.Column('estimated_ms', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('created_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_revision_author_id_account')),
    sa.ForeignKeyConstraint(['script_id'], ['script.id'], name=op.f('fk_revision_script_id_script')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revision')),
    sa.UniqueConstraint('script_id', 'number', name=op.f('uq_revision_script_id_number'))
    )
    op.create_index(op.f('ix_revision_content_hash'), 'revision', ['content_hash'], unique=False)
    op.create_table('slot_station',
    sa.Column('slot_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['slot_id'], ['slot.id'], name=op.f('fk_slot_station_slot_id_slot')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_slot_station_station_id_station')),
    sa.PrimaryKeyConstraint('slot_id', 'station_id', name=op.f('pk_slot_station'))
    )
    op.create_index(op.f('ix_slot_station_station_id'), 'slot_station', ['station_id'], unique=False)
    op.create_table('approval',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('content_hash', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_approval_account_id_account')),
    sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_approval_revision_id_revision')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval'))
    )
    op.create_index(op.f('ix_approval_revision_id'), 'approval', ['revision_id'], unique=False)
    op.create_table('as_run_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('broadcast_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_as_run_entry_account_id_account')),
    sa.ForeignKeyConstraint(['broadcast_id'], ['broadcast.id'], name=op.f('fk_as_run_entry_broadcast_id_broadcast')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_as_run_entry'))
    )
    op.create_index(op.f('ix_as_run_entry_broadcast_id'), 'as_run_entry', ['broadcast_id'], unique=False)
    op.create_table('cue',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('broadcast_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('sound_id', sa.Integer(), nullable=True),
    sa.Column('script_id', sa.Integer(), nullable=True),
    sa.Column('revision_id', sa.Integer(), nullable=True),
    sa.Column('rendition_id', sa.Integer(), nullable=True),
    sa.Column('is_fallback', sa.Boolean(), nullable=False),
    sa.Column('is_repeat', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['broadcast_id'], ['broadcast.id'], name=op.f('fk_cue_broadcast_id_broadcast')),
    sa.ForeignKeyConstraint(['rendition_id'], ['rendition.id'], name=op.f('fk_cue_rendition_id_rendition')),
    sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_cue_revision_id_revision')),
    sa.ForeignKeyConstraint(['script_id'], ['script.id'], name=op.f('fk_cue_script_id_script')),
    sa.ForeignKeyConstraint(['sound_id'], ['sound.id'], name=op.f('fk_cue_sound_id_sound')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cue'))
    )
    op.create_index(op.f('ix_cue_broadcast_id'), 'cue', ['broadcast_id'], unique=False)
    op.create_index(op.f('ix_cue_rendition_id'), 'cue', ['rendition_id'], unique=False)
    op.create_index(op.f('ix_cue_script_id'), 'cue', ['script_id'], unique=False)
    op.create_table('fetch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('package_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('fetched_at', tables.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_fetch_account_id_account')),
    sa.ForeignKeyConstraint(['package_id'], ['package.id'], name=op.f('fk_fetch_package_id_package')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fetch'))
    )
    op.create_index(op.f('ix_fetch_package_id'), 'fetch', ['package_id'], unique=False)


def downgrade() -> None:
    for table in (
        "fetch",
        "cue",
        "as_run_entry",
        "approval",
        "slot_station",
        "revision",
        "package",
        "broadcast",
        "succession",
        "station",
        "sound",
        "slot",
        "sign_in",
        "script",
        "rendition_piece",
        "invitation",
        "grant",
        "unit",
        "throttle",
        "rendition",
        "programme",
        "preference",
        "piece",
        "job",
        "account",
    ):
        op.drop_table(table)
