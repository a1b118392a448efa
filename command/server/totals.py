# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What must be the same in a database and in its copy.

The rows of each table, the balance of each account by fiscal year, the end of
each chain of seals: read at one moment, the one that is dumped.
"""
import json
import subprocess

from ..tools import Failure
from .place import ACCOUNT

MARK = '-- end of the answer --'
ROWS = """SELECT json_object_agg(name, rows) FROM (
    SELECT table_name AS name, (xpath('/row/n/text()', query_to_xml(format(
        'SELECT count(*) AS n FROM %I', table_name), false, true, ''))
        )[1]::text::bigint AS rows
    FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
    ORDER BY table_name) AS tables"""
BALANCE = """SELECT json_object_agg(name, amounts) FROM (
    SELECT y.name || ' ' || coalesce(a.code, a.name) || ' #' || a.id AS name,
        sum(l.debit)::text || ' / ' || sum(l.credit)::text AS amounts
    FROM account_move_line AS l
    JOIN account_move AS m ON m.id = l.move
    JOIN account_period AS p ON p.id = m.period
    JOIN account_fiscalyear AS y ON y.id = p.fiscalyear
    JOIN account_account AS a ON a.id = l.account
    GROUP BY y.id, a.id ORDER BY y.id, a.id) AS lines"""
SEALS = """SELECT json_object_agg(model, chain) FROM (
    SELECT model, count(*) || ' ' || max(rank) || ' '
        || (array_agg(hash ORDER BY rank DESC))[1] AS chain
    FROM evidence_seal GROUP BY model ORDER BY model) AS chains"""
LABELS = {
    'rows': "lignes de la table {name}",
    'balance': "soldes du compte {name}",
    'seals': "sceaux de {name}",
    }


class Snapshot:
    "A transaction that sees the database as it is at one moment"

    def __init__(self, place, database):
        self.place, self.database = place, database

    def __enter__(self):
        place = self.place
        self.process = subprocess.Popen(
            ['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1',
                '-d', place.uri(database=self.database)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, cwd='/',
            env=place.environ(), **place.become(ACCOUNT))
        self.ask('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
        self.name = self.ask('SELECT pg_export_snapshot()')
        return self

    def __exit__(self, *args):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, query):
        "Return what the query answers"
        try:
            self.process.stdin.write(f'{query};\n\\echo {MARK}\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its last words are read below
        lines = []
        for line in self.process.stdout:
            if line.rstrip('\n') == MARK:
                return '\n'.join(lines)
            lines.append(line.rstrip('\n'))
        raise Failure("PostgreSQL : échec.\n" + '\n'.join(lines))

    def totals(self):
        totals = {'rows': self.read(ROWS)}
        for name, table, query in [
                ('balance', 'account_move_line', BALANCE),
                ('seals', 'evidence_seal', SEALS)]:
            totals[name] = self.read(query) if table in totals['rows'] else {}
        return totals

    def read(self, query):
        return json.loads(self.ask(query) or 'null') or {}


def read(place, database):
    with Snapshot(place, database) as snapshot:
        return snapshot.totals()


def differences(before, after, kinds=tuple(LABELS)):
    "Yield in words what is not the same"
    for kind in kinds:
        old, new = before[kind], after[kind]
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                label = LABELS[kind].format(name=name)
                yield (f"{label} : {old.get(name, 'absent')} avant, "
                    f"{new.get(name, 'absent')} après")


def lost(before, after):
    "Yield what an upgrade may not change: it adds rows, it takes none"
    yield from differences(before, after, ['balance', 'seals'])
    for table, rows in before['rows'].items():
        # What is the program's own is made again at each upgrade
        if not table.startswith(('ir_', 'res_')) and rows > after[
                'rows'].get(table, 0):
            yield (f"{LABELS['rows'].format(name=table)} : {rows} avant, "
                f"{after['rows'].get(table, 'absente')} après")
