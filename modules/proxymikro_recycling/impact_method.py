# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""How the CO2e avoided is counted, told with each report that shows it."""
from math import floor, log10

from trytond.pool import Pool
from trytond.transaction import without_check_access

from .impact_factor import latest

# The figures that CO2e deserves
SIGNIFICANT = 2
CERTAINTIES = {
    None: "fiabilité non précisée",
    'high': "fiabilité haute",
    'medium': "fiabilité moyenne",
    'low': "fiabilité faible",
    }


def round_significant(value, digits=SIGNIFICANT):
    "Return the value with as many figures as it deserves"
    if not value:
        return 0.
    return round(value, digits - 1 - floor(log10(abs(value)))) + 0.


def format_significant(value):
    "Return the number as the reports print it"
    Lang = Pool().get('ir.lang')
    value = round_significant(value)
    return Lang.get().format_number(
        value, digits=1 if 0 < abs(value) < 10 else 0)


@without_check_access
def get_method(date):
    "Return the factors by kind, the substitution and the note to print"
    pool = Pool()
    factors, substitutions = (
        pool.get(n).search([])
        for n in ['impact.factor', 'impact.substitution'])
    in_force = {
        kind: latest([f for f in factors if f.kind == kind], date)
        for kind in {f.kind for f in factors}}
    in_force = {k: f for k, f in in_force.items() if f}
    substitution = latest(substitutions, date)
    return {
        'factors': in_force,
        'substitution': substitution,
        'sentences': [
            "CO₂e évités = années de prêt × (fabrication + distribution + "
            "fin de vie) ÷ durée de vie × taux de substitution. "
            "L’usage n’est pas compté : un appareil consomme, neuf ou "
            "réemployé.",
            *_tell_factors(in_force.values()),
            _tell_substitution(substitution),
            "Deux chiffres significatifs au plus ; les sommes sont faites "
            "avant d’arrondir. Un type sans facteur n’est pas compté, "
            "jamais supposé.",
            ],
        }


def _tell_factors(factors):
    "Return a sentence for each publisher, version and source"
    Lang = Pool().get('ir.lang')
    number = Lang.get().format_number
    by_source = {}
    for factor in sorted(factors, key=lambda f: f.id):
        key = (
            factor.publisher, factor.version, factor.source,
            factor.certainty)
        by_source.setdefault(key, []).append(factor)
    for (publisher, version, source, certainty), same in by_source.items():
        figures = ' ; '.join(
            "{} ({} + {} + {}) ÷ {} ans".format(f.name, *(
                    number(v, digits=2).rstrip('0').rstrip(',.')
                    for v in [
                        f.manufacture, f.distribution, f.end_of_life,
                        f.life]))
            for f in same)
        yield (
            f"Facteurs en kg CO₂e : {figures}. Source : {publisher}, version "
            f"{version}{f', {source}' if source else ''} "
            f"({CERTAINTIES[certainty]}).")


def _tell_substitution(substitution):
    if not substitution:
        return (
            "Aucun taux de substitution n’est déclaré à cette date : "
            "aucun CO₂e évité n’est compté.")
    declared = (
        f"déclarée par {substitution.declared_by}, "
        if substitution.declared_by else "")
    return (
        f"Taux de substitution : {substitution.rate * 100:.0f} % "
        f"(hypothèse {declared}{CERTAINTIES[substitution.certainty]}), "
        "la part des prêts qui évite l’achat d’un appareil neuf.")
