"""On PostgreSQL, reads run as a role that owns nothing, and the rows of each table show it what their marking allows."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Whoever has said who he is, and everybody else; the latter needs to be told nothing, and so takes less time.
READER, PUBLIC = "mappa_reader", "mappa_public"
KINDS = (
    "review",
    "recommendation",
    "clause",
    "source",
    "evidence",
    "action",
    "progress",
    "assessment",
    "decision",
    "body",
)
OPEN = ("link_rule", "baseline", "approval", "override", "alembic_version")

# What is for everybody is told by itself; the function, which takes longer, is asked about the rest alone.
_ARGUMENTS = "handling, limited_to, embargo_until, embargo_bodies"
MARKED = f"(handling = 'PUBLIC' AND limited_to IS NULL AND embargo_until IS NULL) OR mappa_sees({_ARGUMENTS})"
FOR_ALL = "handling = 'PUBLIC' AND limited_to IS NULL AND (embargo_until IS NULL OR embargo_until <= (now() AT TIME ZONE 'UTC')::date)"
_SEES = """
    CREATE FUNCTION mappa_sees(handling text, limited_to text, embargo_until date, embargo_bodies text)
    RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    DECLARE body text := ' ' || nullif(current_setting('mappa.body', true), '') || ' ';
    BEGIN
        RETURN coalesce(handling = ANY (string_to_array(current_setting('mappa.cleared', true), ',')), false)
            AND (limited_to IS NULL OR coalesce(position(body IN ' ' || limited_to || ' ') > 0, false))
            AND (embargo_until IS NULL OR embargo_until <= current_setting('mappa.today', true)::date
                 OR coalesce(position(body IN ' ' || embargo_bodies || ' ') > 0, false));
    END $$
"""
_RECORD = "(SELECT current_setting('mappa.record', true))"
_ITEM = "EXISTS (SELECT 1 FROM item WHERE item.ref = change.ref AND item.kind = change.kind)"
_LINK = "(kind = 'link' AND EXISTS (SELECT 1 FROM link WHERE link.ref = change.ref))"
_ACCOUNTS = f"({_RECORD} = 'accounts' AND kind IN ('key', 'account'))"
CHANGE = f"kind IN ('baseline', 'approval', 'override') OR {_RECORD} IN ('hashed', 'all') OR {_ACCOUNTS} OR {_ITEM} OR {_LINK}"


def _of(table: str, owner: str, thing: str) -> str:
    """The rows that belong to a thing which is seen as it is marked now."""
    return f"EXISTS (SELECT 1 FROM {thing} WHERE {thing}.id = {table}.{owner})"  # noqa: S608 - names of ours


def _policies(marked: str) -> dict[str, str]:
    """Which rows of each table a reader sees to whom rows that are `marked` so are shown."""
    found = {"item": marked, "link": marked, "change": CHANGE}
    for thing in ("item", "link"):
        found[f"{thing}_version"] = f"({marked}) AND {_of(f'{thing}_version', 'id', thing)}"
    for kind in KINDS:
        found |= {table: _of(table, "id", "item") for table in (kind, f"{kind}_version")}
    for part, owner in (("involvement", "item_id"), ("due_date", "action_id")):
        found |= {table: _of(table, owner, "item") for table in (part, f"{part}_version")}
    return found


_ROLE = """
    DO $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
            CREATE ROLE {role} NOLOGIN;
        END IF;
        IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
            EXECUTE format('GRANT {role} TO %I', current_user);
        END IF;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'let an administrator of the server run: CREATE ROLE {role} NOLOGIN; GRANT {role} TO %',
            current_user;
    END $$
"""


def upgrade() -> None:
    """Go to this revision."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_SEES)
    for role in (READER, PUBLIC):
        op.execute(_ROLE.format(role=role))
        op.execute(f"GRANT SELECT ON {', '.join((*_policies(MARKED), *OPEN))} TO {role}")
    for table in _policies(MARKED):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for role, marked in ((READER, MARKED), (PUBLIC, FOR_ALL)):
        for table, condition in _policies(marked).items():
            op.execute(f"CREATE POLICY {role} ON {table} FOR SELECT TO {role} USING ({condition})")


def downgrade() -> None:
    """Go back; the roles stay, since other databases of the server may have them."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for role in (READER, PUBLIC):
        op.execute(f"REVOKE ALL ON {', '.join((*_policies(MARKED), *OPEN))} FROM {role}")
        for table in _policies(MARKED):
            op.execute(f"DROP POLICY {role} ON {table}")
    for table in _policies(MARKED):
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION mappa_sees")
