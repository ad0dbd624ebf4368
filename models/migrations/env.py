"""What Alembic runs: the migrations on the connection that it is handed."""

from alembic import context

from models.accounts import Account
from models.approvals import Approval
from models.base import Base
from models.baselines import Baseline
from models.keys import Key
from models.overrides import Override
from models.replies import Reply
from models.versions import VERSIONS

# Alembic compares with every table that is known here.
TABLES = (Account, Approval, Baseline, Key, Override, Reply, VERSIONS)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
