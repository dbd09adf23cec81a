"""Alembic's way in: runs on the connection `storage.migrating` hands over."""

from alembic import context

from broadcast_service.storage.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite can not alter most things in place
    compare_type=True,
    user_module_prefix="tables.",
)
context.run_migrations()
