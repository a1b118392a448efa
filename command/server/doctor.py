# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""./proxymikro doctor: one line for each thing that must be right."""
from ..tools import ROOT, Failure
from . import checks, database_checks
from .checks import BROKEN, OK, WATCH
from .place import Place

WORDS = {OK: 'ok', WATCH: 'attention', BROKEN: 'panne'}
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
    }


def command(args):
    place = Place()
    place.require_installed()
    return report(place)


def report(place, names=CHECKS):
    "Print a line for each check and return the worst"
    results = {}
    for name in names:
        results[name], text = examine(place, name, results)
        print(f'{WORDS[results[name]]:<10}{name:<12}{text}', flush=True)
    worst = max(results.values())
    if worst:
        print(f"Que faire : {ROOT / 'docs' / 'depannage.md'}, une rubrique "
            "par point.")
    return worst


def examine(place, name, results):
    if results.get(need := NEEDS.get(name)) == BROKEN:
        return BROKEN, f"pas de réponse : voir « {need} »"
    try:
        return CHECKS[name](place)
    except Failure as failure:
        return BROKEN, str(failure).strip().splitlines()[-1]
