"""What keeps the consent ledger append-only, in each engine's own words.

Rule: rows are added and never removed. Of a row nothing changes but this: a text is dropped (`shown`, `detail`), and
the row of a person who is forgotten loses her name (the msisdn becomes one with a #) and all that leads to her. What
the chain hashes never changes.
"""

from __future__ import annotations

REFUSED = "the consent ledger is append-only"

_FIXED = ("seq", "event", "program", "at", "source", "number", "shown_digest", "private_digest", "catalog", "before",
          "hash")  # fmt: skip
_NAMES = ("msisdn", "mo_ref", "mt_id")


def _row(version: str, names: tuple[str, ...]) -> str:
    return "(" + ", ".join(f'{version}."{name}"' for name in names) + ")"


def _allowed(differs: str) -> str:
    """Say in SQL what an update may do; `differs`: how the engine compares rows that may hold NULLs."""
    same = f"NOT ({_row('NEW', _FIXED)} {differs} {_row('OLD', _FIXED)})"
    named = f"NOT ({_row('NEW', _NAMES)} {differs} {_row('OLD', _NAMES)})"
    dropped = " AND ".join(
        f'(NEW."{text}" IS NULL OR NOT (NEW."{text}" {differs} OLD."{text}"))' for text in ("shown", "detail")
    )
    gone = " AND ".join(f'NEW."{name}" IS NULL' for name in ("mo_ref", "mt_id", "shown", "detail"))
    unnamed = f"""NEW."msisdn" LIKE '#%' AND OLD."msisdn" NOT LIKE '#%' AND {gone}"""
    return f"{same} AND (({named} AND {dropped}) OR ({unnamed}))"


SQLITE = (
    f"""CREATE TRIGGER consent_ledger_keeps BEFORE DELETE ON consent_ledger
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER consent_ledger_stays BEFORE UPDATE ON consent_ledger WHEN NOT ({_allowed("IS NOT")})
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
)

POSTGRESQL = (
    f"""CREATE FUNCTION consent_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER consent_ledger_keeps BEFORE DELETE ON consent_ledger
    FOR EACH ROW EXECUTE FUNCTION consent_ledger_refuse()""",
    f"""CREATE TRIGGER consent_ledger_stays BEFORE UPDATE ON consent_ledger
    FOR EACH ROW WHEN (NOT ({_allowed("IS DISTINCT FROM")})) EXECUTE FUNCTION consent_ledger_refuse()""",
    """CREATE TRIGGER consent_ledger_stands BEFORE TRUNCATE ON consent_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION consent_ledger_refuse()""",
)
