"""Writing overrides: which texts the guard was told to let pass, by whom and why."""

from sqlalchemy.orm import Session

from models.guarding import overridden
from models.overrides import Override
from models.writing.naming import new_ref


def record_overrides(session: Session, by: str) -> None:
    """Record what was let pass since this was last asked, one override for each thing; nothing where nothing was."""
    why, passed = overridden(session)
    for (kind, ref), found in passed.items():
        told = "; ".join(f"{one.pointer} {one.type} {one.start}-{one.end}" for one in found)
        session.add(Override(ref=new_ref("override"), kind=kind, of_ref=ref, found=told, why=why, by=by))
    if passed:
        session.flush()
