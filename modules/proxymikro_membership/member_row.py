# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of a list of members, or of schools.

Ours, or what Paheko, Galette, HelloAsso and the directory of the Ministry of
Education export: the labels of all are known. Nothing here needs a database:
the command checks the whole file with it, the server checks again the rows it
receives.
"""
import re
from collections import defaultdict
from dataclasses import dataclass

from stdnum.fr import siret

from trytond.modules.proxymikro_base.importer import (
    Column, Problem, ValueProblem, normalize, parse_date, parse_integer,
    parse_text, show)
from trytond.modules.proxymikro_base.mail import is_address

from .school import RNA, is_uai

NEW = "nouveau"
COLUMNS = [
    Column('party', "tiers", ("code tiers", "code du tiers")),
    Column('member', "n° d'adhérent", (
            "numéro de membre", "numéro d'adhérent", "id_adh",
            "numéro du membre")),
    Column('organisation', "organisation", (
            "raison sociale", "structure", "societe_adh", "société",
            "nom_etablissement", "nom de l'établissement")),
    Column('name', "nom", (
            "nom_adh", "nom adhérent", "nom et prénom", "nom complet",
            "identité", "nom usuel")),
    Column('first_name', "prénom", ("prenom_adh", "prénom adhérent")),
    Column('uai', "UAI", (
            "code UAI", "rne", "identifiant_de_l_etablissement")),
    Column('siret', "SIRET", ("n° siret", "siren_siret")),
    Column('rna', "RNA", ("n° rna", "numéro rna")),
    Column('street', "adresse", (
            "adresse postale", "rue", "adresse_adh", "adresse_1")),
    Column('postal_code', "code postal", ("cp", "cp_adh")),
    Column('city', "ville", ("commune", "ville_adh", "nom_commune")),
    Column('email', "courriel", (
            "e-mail", "email", "adresse e-mail", "adresse électronique",
            "mail", "mél", "email_adh", "email payeur")),
    Column('phone', "téléphone", (
            "tél", "tel_adh", "numéro de téléphone", "telephone")),
    Column('mobile', "portable", ("mobile", "gsm_adh")),
    Column('pupils', "élèves", ("nombre d'élèves", "nombre_d_eleves")),
    Column('type', "formule", (
            "type d'adhésion", "type", "adhésion", "tarif")),
    Column('start_date', "début", (
            "date de début", "date d'adhésion", "date de la commande")),
    Column('end_date', "fin", (
            "date de fin", "échéance", "date_echeance",
            "date d'expiration")),
    # Only to leave aside what is no longer
    Column('state', "état", ("etat", "statut de la commande")),
    ]
LABELS = {c.name: c.label for c in COLUMNS}
IDENTIFIERS = {'uai': 'fr_uai', 'siret': 'fr_siret', 'rna': 'fr_rna'}
GONE = {normalize(s) for s in [
        "fermé", "à fermer", "annulé", "remboursé", "refusé"]}
_CHECKS = {'uai': is_uai, 'siret': siret.is_valid, 'rna': RNA.fullmatch}
_DATES = {'start_date', 'end_date'}
_MOMENT = re.compile(r'[ T][0-9]{1,2}:[0-9]{2}.*')


@dataclass
class MemberRow:
    line: int
    values: dict

    @property
    def name(self):
        values = self.values
        return values['organisation'] or ' '.join(
            filter(None, [values['first_name'], values['name']]))

    @property
    def identified(self):
        return any(self.values[n] for n in IDENTIFIERS)

    @property
    def new(self):
        "Whether the file says that the party is to create"
        return normalize(self.values['party'] or '') == NEW


def is_gone(texts):
    "Whether the row speaks of a closed school or of a cancelled order"
    return normalize(texts.get('state') or '') in GONE


def parse_row(line, texts):
    "Return the row of the texts by column, and its problems"
    values, problems = {}, []
    for name, label in LABELS.items():
        try:
            values[name] = parse_value(name, texts.get(name) or '')
        except ValueProblem as problem:
            problems.append(Problem(line, label, problem.code, problem.values))
    if problems:
        return None, problems
    row = MemberRow(line, values)
    if not row.name:
        problems.append(Problem(line, LABELS['name'], 'value_missing'))
    start, end = values['start_date'], values['end_date']
    if start and end and end < start:
        problems.append(Problem(
                line, LABELS['end_date'], 'value_date', {'value': show(end)}))
    return (None if problems else row), problems


def parse_value(name, text):
    if name in _DATES:
        # HelloAsso writes the time of the day as well
        return parse_date(_MOMENT.sub('', parse_text(text)))
    if name == 'pupils':
        return parse_integer(text, minimum=0, maximum=100_000)
    text = parse_text(text)
    if name in _CHECKS:
        text = re.sub(r'\W', '', text).upper()
        if text and not _CHECKS[name](text):
            raise ValueProblem('value_identifier', value=show(text))
    elif name == 'email':
        text = text.lower()
        if text and not is_address(text):
            raise ValueProblem('value_email', value=show(text))
    return text or None


def find_duplicates(rows):
    """Return a problem for each row which looks like another of the file.

    Two members may share an e-mail: the file then says that they are new.
    """
    problems = []
    for name in ['uai', 'siret', 'rna', 'party', 'email', 'name']:
        sure = name in IDENTIFIERS or name == 'party'
        groups = defaultdict(list)
        for row in rows:
            if not sure and (row.new or row.identified):
                continue
            if name == 'party' and row.new:
                continue
            value = row.name if name == 'name' else row.values[name]
            if value:
                groups[normalize(value)].append((row, value))
        for group in groups.values():
            for row, value in group if len(group) > 1 else []:
                problems.append(Problem(
                        row.line, LABELS[name],
                        'value_twice' if sure else 'value_alike', {
                            'value': show(value),
                            'lines': ', '.join(
                                str(o.line) for o, _ in group[:6]
                                if o is not row),
                            }))
    return problems
