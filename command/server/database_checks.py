# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the doctor asks of PostgreSQL."""
from ..database import MODULES
from . import release
from .checks import BROKEN, OK, WATCH
from .install import EXTENSIONS
from .place import DATABASE, SUPERUSER, literal

# In minutes: the shortest scheduled task runs every five
LATE = 15


def postgresql(place):
    version = int(place.value('SHOW server_version_num', role=SUPERUSER))
    text = f"PostgreSQL {version // 10000}.{version % 10000}"
    if version < 150000:
        return BROKEN, f"{text} : il faut la version 15 au moins"
    return OK, text


def database(place):
    language = place.value(
        'SELECT language FROM ir_configuration', DATABASE)
    return OK, f"la base {DATABASE} répond, en « {language} »"


def collation(place):
    found = place.value("SELECT datlocprovider::text || ' ' || coalesce("
        # Its name changed in PostgreSQL 17
        "to_jsonb(d)->>'daticulocale', to_jsonb(d)->>'datlocale') "
        f"FROM pg_database d WHERE datname = {literal(DATABASE)}", DATABASE)
    if found != 'i fr-FR':
        return BROKEN, "les noms ne sont pas classés à la française"
    made, now = place.sql(
        'SELECT datcollversion, pg_database_collation_actual_version(oid) '
        f'FROM pg_database WHERE datname = {literal(DATABASE)}', DATABASE)[0]
    if made != now:
        return BROKEN, (f"l'ordre alphabétique est passé de {made} à {now} : "
            "les index sont à refaire")
    return OK, "ICU fr-FR"


def extensions(place):
    found = {row[0] for row in place.sql(
            'SELECT extname FROM pg_extension', DATABASE)}
    if missing := sorted(set(EXTENSIONS) - found):
        return BROKEN, f"il manque {', '.join(missing)}"
    return OK, ', '.join(EXTENSIONS)


def jit(place):
    if place.value('SHOW jit', DATABASE) != 'off':
        return BROKEN, "la compilation des requêtes n'est pas coupée"
    return OK, "coupé"


def version(place):
    code = release.current(place)
    data = place.value(
        "SELECT current_setting('proxymikro.release', true)", DATABASE)
    if code != data:
        return BROKEN, f"le code est {code}, la base {data or 'inconnue'}"
    return OK, code


def modules(place):
    states = dict(place.sql('SELECT name, state FROM ir_module', DATABASE))
    if pending := sorted(n for n, s in states.items() if s.startswith('to ')):
        return BROKEN, f"à moitié mis à jour : {', '.join(pending)}"
    if missing := sorted(n for n in MODULES if states.get(n) != 'activated'):
        return BROKEN, f"pas activés : {', '.join(missing)}"
    count = sum(s == 'activated' for s in states.values())
    return OK, f"{count} activés, dont les {len(MODULES)} de Proxy Mikro"


def is_connected(place, application):
    return place.admin('SELECT 1 FROM pg_stat_activity WHERE '
        f'datname = {literal(DATABASE)} '
        f'AND application_name = {literal(application)}')


def cron(place):
    connected = is_connected(place, 'trytond-cron')
    # Tryton's times are in UTC
    late = place.value('SELECT coalesce(extract(epoch FROM max('
        "now() AT TIME ZONE 'UTC' - next_call)) / 60, 0)::int "
        'FROM ir_cron WHERE active', DATABASE)
    if not connected:
        return BROKEN, "personne ne lance les tâches planifiées"
    if int(late) > LATE:
        return WATCH, f"une tâche planifiée a {late} minutes de retard"
    return OK, "les tâches planifiées sont à l'heure"


def worker(place):
    waiting, late = place.sql('SELECT count(*), coalesce(extract(epoch FROM '
        "max(now() AT TIME ZONE 'UTC' - coalesce(scheduled_at, enqueued_at)"
        ')) / 60, 0)::int FROM ir_queue WHERE dequeued_at IS NULL',
        DATABASE)[0]
    if not is_connected(place, 'trytond-worker'):
        return BROKEN, f"personne ne traite la file ({waiting} en attente)"
    if int(late) > LATE:
        return WATCH, f"{waiting} en attente, la première depuis {late} min"
    return OK, f"{waiting} en attente"
