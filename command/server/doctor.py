# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""./proxymikro doctor: one line for each thing that must be right."""
from ..tools import Failure
from . import alert, checks, database_checks, install
from .checks import BROKEN
from .place import Place

# By name, in the order of the lines; docs/depannage.md has a section for each
CHECKS = {
    'postgresql': database_checks.postgresql,
    'base': database_checks.database,
    'collation': database_checks.collation,
    'extensions': database_checks.extensions,
    'jit': database_checks.jit,
    'version': database_checks.version,
    'modules': database_checks.modules,
    'taches': database_checks.cron,
    'file': database_checks.worker,
    'reglages': checks.settings,
    'droits': checks.permissions,
    'web': checks.web,
    'site': checks.site,
    'certificat': checks.certificate,
    'courriel': checks.mail,
    'sauvegarde': checks.backup,
    'disque': checks.disk,
    'horloge': checks.clock,
    }
# What can't be looked at without the other
NEEDS = {
    'base': 'postgresql',
    **dict.fromkeys(
        ['collation', 'extensions', 'jit', 'version', 'modules', 'taches',
            'file'], 'base'),
    'horloge': 'postgresql',
    }


def command(args):
    place = Place()
    place.require_installed()
    lines = report(place)
    if args.mail:
        if alert.tell(place, lines):
            install.tell('fait', "message envoyé à l'administrateur")
        return 0
    return max(state for state, _ in lines.values())


def report(place, names=CHECKS):
    "Print a line for each check and return their states and texts"
    lines = {}
    for name in names:
        lines[name] = examine(place, name, lines)
        print(checks.format_line(name, *lines[name]), flush=True)
    if any(state for state, _ in lines.values()):
        print(f"Que faire : {checks.MANUAL}")
    return lines


def examine(place, name, lines):
    need = NEEDS.get(name)
    if need in lines and lines[need][0] == BROKEN:
        return BROKEN, f"pas de réponse : voir « {need} »"
    try:
        return CHECKS[name](place)
    except Failure as failure:
        # The last line that is no hint on the one before
        said = [line for line in str(failure).splitlines()
            if line and not line[0].isspace()]
        return BROKEN, said[-1]
    except Exception as error:
        # One line more, whatever happens, and the others with it
        said = ' '.join(str(error).split())
        return BROKEN, (
            f"n'a pas pu être examiné : {type(error).__name__} {said}")
