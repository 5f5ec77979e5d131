"""The second wall: of a page of the account the database shows what is this log-in's alone (ASVS 8.4.1, ADR 77).

The first wall is the program's own filters. Behind this one a page that has forgotten its filter shows nothing of a
neighbour's: it runs as a role that may only read, and only rows that the policies below call the log-in's own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, ProgrammingError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

ROLE, WHO = "kindline_client", "kindline.client"
WORDS = {
    # whose page it is; nobody's where it is not said: then nothing is seen
    "login": f"(SELECT nullif(current_setting('{WHO}', true), '')::bigint)",
    "email": "(SELECT email FROM clients_login WHERE id = @login)",
}
KEYS = {
    "accounts": "SELECT account_id FROM clients_login_accounts WHERE login_id = @login",
    "readable": "SELECT account_id FROM clients_login_accounts WHERE login_id = @login"
    " UNION SELECT account_id FROM clients_login_reads WHERE login_id = @login",
    "clients": "SELECT client_id FROM clients_account WHERE id = @accounts",
    "premises": "SELECT premise_id FROM clients_account WHERE id = @accounts",
    "meters": "SELECT id FROM readings_meter WHERE account_id = @readable",
    "appeals": "SELECT appeal_id FROM site_submission WHERE login_id = @login",
    "sendings": "SELECT id FROM readings_sending WHERE login_id = @login",
}
"""Keys of what is the log-in's own: each a function that sees past the wall and is asked once a statement.

It gives one array, so that an index finds the rows even where the page has forgotten its filter.
"""
OWN = {
    # a firm's people see each other
    "clients_login": "id = @login OR EXISTS"
    " (SELECT FROM clients_login_accounts a WHERE a.login_id = clients_login.id AND a.account_id = @accounts)",
    "clients_login_accounts": "login_id = @login OR account_id = @accounts",
    "clients_login_reads": "login_id = @login",
    "clients_entry": "login_id = @login",
    "clients_account": "id = @readable",
    "clients_client": "id = @clients",
    "clients_contactpoint": "client_id = @clients",
    "clients_premise": "id = @premises",
    "appeals_appeal": "id = @appeals",
    "appeals_answer": "appeal_id = @appeals",
    "appeals_appealmessage": "appeal_id = @appeals",
    "appeals_servicerequest": "appeal_id = @appeals",
    "appeals_stage": "EXISTS (SELECT FROM appeals_servicerequest s WHERE s.id = request_id AND s.appeal_id = @appeals)",
    # what he has sent stays his to see, though the account has gone to another since
    "readings_meter": "id = @meters OR EXISTS"
    " (SELECT FROM readings_reading r WHERE r.meter_id = readings_meter.id AND r.sending_id = @sendings)",
    "readings_reading": "meter_id = @meters OR sending_id = @sendings",
    "readings_sending": "login_id = @login OR EXISTS"
    " (SELECT FROM readings_reading r WHERE r.sending_id = readings_sending.id AND r.meter_id = @meters)",
    "readings_refused": "EXISTS (SELECT FROM readings_sending s WHERE s.id = sending_id AND s.login_id = @login)",
    # who knows the key of a form that is not sent yet has made it: it stands on its page alone
    "files_attachment": "CASE owner_kind WHEN 'draft' THEN true WHEN 'reading' THEN EXISTS"
    " (SELECT FROM readings_reading r WHERE r.id = owner_key::bigint AND r.meter_id = @meters) ELSE false END",
    "files_storedfile": "EXISTS (SELECT FROM files_attachment a WHERE a.file_id = files_storedfile.id)",
    "correspondence_outgoing": "recipient = @email",
    "notifications_noticesubscription": "way = 'email' AND address = @email",
    "notifications_pushsubscription": "client_id = @clients",
    "notifications_pushaddress": "EXISTS (SELECT FROM notifications_pushsubscription s"
    " WHERE s.address_id = notifications_pushaddress.id AND s.client_id = @clients)",
    "site_submission": "login_id = @login",
    "site_meeting": "login_id = @login",
    "site_consultation": "login_id = @login",
    "site_accountsession": "login_id = @login",
    "site_emailchange": "login_id = @login",
    "site_joining": "login_id = @login OR account_id = @accounts",
    "site_secondfactor": "login_id = @login",
    "site_recoverycode": "EXISTS (SELECT FROM site_secondfactor f WHERE f.id = factor_id AND f.login_id = @login)",
    "staff_employee": "false",  # joined to what an employee has attached: nothing of him is told
}
"""Which rows of a table are the log-in's own; of no other table is a row seen, but for those of everybody."""
EVERYBODY_S = ("appeals_incident", "conversations_topic")
"""What stands on public pages too."""


@contextmanager
def behind(login: int) -> Iterator[None]:
    """What is done here reads as the log-in with this key; one transaction, in which nothing can be written.

    All is said within the transaction, so that a pool between us and the database hands on no connection that still
    reads as somebody; within another such one, that one goes on afterwards. Where the database has no such role,
    nothing changes (`kindline doctor` tells it).
    """
    if not is_built():
        yield
        return
    with transaction.atomic():
        before = _say(ROLE, str(login))
        yield
        _say(*before)  # an inner transaction ends without forgetting


def _say(role: str, who: str) -> tuple[str, str]:
    """Read as another one; who it was before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT role, who, set_config('role', %s, true), set_config(%s, %s, true) FROM"
            " (SELECT current_setting('role') AS role, coalesce(current_setting(%s, true), '') AS who OFFSET 0) before",
            [role, WHO, who, WHO],
        )
        role, who, *_ = cursor.fetchone()
    return role, who


_FOUND: set[str] = set()
OLDEST = 160_000
"""The PostgreSQL that can let a user be a role without inheriting from it."""
TRIES, LOCKED_MS = 5, 2000
"""While pages are open their tables are held: so often we ask for all of them, and so long we wait for one."""


def is_built() -> bool:
    """Whether this database has the wall as it is written here; once found it is believed."""
    name = str(connection.settings_dict["NAME"])
    if name not in _FOUND and lacking() == "":
        _FOUND.add(name)
    return name in _FOUND


def lacking() -> str:
    """What the wall lacks: version | role | membership | wall; nothing where it stands."""
    if connection.pg_version < OLDEST:  # type: ignore[attr-defined]
        return "version"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(oid, 'SET') FROM pg_roles WHERE rolname = %s", [ROLE])
        found = cursor.fetchone()
        if found is None or not found[0]:
            return "membership" if found else "role"
        cursor.execute(STANDS, {"role": ROLE, "mark": MARK, "read": [*OWN, *EVERYBODY_S], "own": [*OWN]})
        return "" if cursor.fetchone()[0] else "wall"


def build() -> bool:
    """Make role, functions, grants and policies where they are not as written here; False where we may not.

    At each start. The tables' owner, as whom everything else works, is held by none of it.
    """
    for _ in range(TRIES):
        try:
            return lacking() != "version" and (lacking() == "" or _made())
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
        except NotThroughError:
            break
    return False


class NotThroughError(Exception):
    """Something else keeps the role from its tables: a wall through which no page comes is not left standing."""


@transaction.atomic
def _made() -> bool:
    """Raises: OperationalError where pages hold the tables; NotThroughError."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCKED_MS}ms"])
        cursor.execute(CREATE_ROLE)
        if lacking() in ("role", "membership"):
            return False
        for line in statements():
            cursor.execute(line)
        cursor.execute(f"COMMENT ON FUNCTION kindline_own_accounts() IS '{MARK}'")
        _try_it()
    return True


def _try_it() -> None:
    """Raises: NotThroughError."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            before = _say(ROLE, "0")
            for table in (*OWN, *EVERYBODY_S):
                cursor.execute(f"SELECT FROM {table} LIMIT 1")
            _say(*before)
    except ProgrammingError as error:
        raise NotThroughError from error


def take_down() -> None:
    """Take the policies away before the tables change: a column that one of them names can be neither altered nor left.

    Pages that are open meanwhile see nothing; `build` makes them anew.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('DROP POLICY %%I ON %%I.%%I', policyname, schemaname, tablename) FROM pg_policies"
            " WHERE policyname = %s AND schemaname = current_schema()",
            [ROLE],
        )
        for (line,) in cursor.fetchall():
            cursor.execute(line)


STANDS = """
WITH here AS (SELECT c.oid, relname, relrowsecurity FROM pg_class c WHERE relnamespace =
    (SELECT oid FROM pg_namespace WHERE nspname = current_schema()))
SELECT coalesce(obj_description(to_regprocedure('kindline_own_accounts()'), 'pg_proc') = %(mark)s::text, false)
    AND has_schema_privilege(%(role)s::name, current_schema(), 'USAGE')
    AND (SELECT count(*) FROM here
        WHERE relname = ANY (%(read)s::text[]) AND has_table_privilege(%(role)s::name, oid, 'SELECT'))
        = cardinality(%(read)s::text[])
    AND (SELECT count(*) FROM here JOIN pg_policy p ON p.polrelid = here.oid AND p.polname = %(role)s::name
        WHERE relname = ANY (%(own)s::text[]) AND relrowsecurity) = cardinality(%(own)s::text[])
"""
"""Whether all is there: a copy brought back may have the mark without policies, or without what was granted."""
CREATE_ROLE = f"""DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
    CREATE ROLE {ROLE} NOLOGIN NOINHERIT;
    GRANT {ROLE} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
  END IF;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
END $$"""


def statements() -> list[str]:
    """What makes the wall, in order; run again it makes the same, and takes back what an earlier one gave."""
    taken_back = f"format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM {ROLE}', current_schema())"
    seen = f"format('GRANT USAGE ON SCHEMA %I TO {ROLE}', current_schema())"
    made = [f"DO $$ BEGIN EXECUTE {taken_back}; EXECUTE {seen}; END $$"]
    for name, keys in KEYS.items():
        made += _function(f"kindline_own_{name}()", _spelled(keys))
    for table, rows in OWN.items():
        made += _policy(table, _spelled(rows))
    return [*made, f"GRANT SELECT ON {', '.join([*OWN, *EVERYBODY_S])} TO {ROLE}"]


def _function(name: str, keys: str) -> list[str]:
    kind = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT"
    return [
        f"CREATE OR REPLACE FUNCTION {name} RETURNS bigint[] {kind} AS $$ SELECT ARRAY({keys}) $$",
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {name} TO {ROLE}",
    ]


def _policy(table: str, rows: str) -> list[str]:
    is_held = f"(SELECT relrowsecurity FROM pg_class WHERE oid = '{table}'::regclass)"  # noqa: S608 - a table of ours
    return [
        f"DO $$ BEGIN IF NOT {is_held} THEN ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; END IF; END $$",
        f"DROP POLICY IF EXISTS {ROLE} ON {table}",
        f"CREATE POLICY {ROLE} ON {table} FOR SELECT TO {ROLE} USING ({rows})",
    ]


def _spelled(text: str) -> str:
    """With the words that begin with @ written out."""

    def one(found: re.Match[str]) -> str:
        name = found[1]
        return _spelled(WORDS[name]) if name in WORDS else f"ANY ((SELECT kindline_own_{name}())::bigint[])"

    return re.sub(r"@(\w+)", one, text)


MARK = hashlib.sha256("\n".join(statements()).encode()).hexdigest()[:20]
"""Another one for another wall; the database keeps that of its own as a comment."""
