# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The file of payments that HelloAsso exports, read, checked, then kept.

Its columns changed their names over the years: each is known by several.
"""
from dataclasses import dataclass, field
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.importer import (
    Column, FileRefused, Problem, ValueProblem, normalize, parse_date,
    parse_decimal, read_table)
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .exceptions import HelloAssoError
from .statement import get_sentence

COLUMNS = [
    Column('reference', "Référence paiement", (
            "Référence du paiement", "Numéro de paiement", "Réf paiement",
            "Identifiant paiement", "Référence"), required=True),
    Column('order', "Référence commande", (
            "Référence de la commande", "Numéro de commande",
            "Réf commande")),
    Column('date', "Date du paiement", (
            "Date paiement", "Date", "Date de la commande"), required=True),
    Column('amount', "Montant", (
            "Montant du paiement", "Montant total", "Montant (€)",
            "Montant du tarif", "Montant tarif"), required=True),
    Column('status', "Statut du paiement", (
            "Statut", "Statut de la commande", "Etat"), required=True),
    Column('means', "Moyen de paiement", ("Mode de paiement",)),
    Column('type', "Type de campagne", (
            "Type", "Type de formulaire", "Formulaire")),
    Column('campaign', "Campagne", ("Nom de la campagne", "Tarif")),
    Column('last_name', "Nom payeur", ("Nom du payeur", "Nom")),
    Column('first_name', "Prénom payeur", ("Prénom du payeur", "Prénom")),
    Column('company_name', "Raison sociale", ("Société", "Organisation")),
    Column('email', "Email payeur", (
            "E-mail payeur", "Email du payeur", "Email", "Adresse e-mail")),
    Column('street', "Adresse payeur", ("Adresse",)),
    Column('postal_code', "Code postal payeur", ("Code postal",)),
    Column('city', "Ville payeur", ("Ville",)),
    Column('payout_date', "Date du versement", (
            "Date de versement", "Date de reversement", "Versé le")),
    Column('receipt_number', "Reçu fiscal", (
            "Numéro de reçu", "Numéro de reçu fiscal")),
    ]
PAID = {
    'valide', 'validee', 'paye', 'payee', 'autorise', 'autorisee', 'traite',
    'traitee', 'termine', 'encaisse', 'authorized', 'processed', 'registered'}
REFUNDED = {
    'rembourse', 'remboursee', 'annule', 'annulee', 'conteste', 'contestee',
    'refunded', 'canceled', 'contested'}
UNPAID = {
    'refuse', 'refusee', 'en attente', 'abandonne', 'abandonnee', 'echoue',
    'a venir', 'inconnu', 'refused', 'pending', 'waiting', 'abandoned'}
# What never went through the platform
OFFLINE = {'especes', 'cheque', 'virement', 'autre', 'hors ligne', 'gratuit'}
GIFTS = {'don', 'dons', 'donation', 'formulaire de don', 'collecte'}
FEES = {'adhesion', 'adhesions', 'membership', 'cotisation'}
MAX_AMOUNT = Decimal(10) ** 7
SHOWN = 20


@dataclass
class Reading:
    "What the file brings"
    new: list = field(default_factory=list)
    changed: dict = field(default_factory=dict)
    known: int = 0
    ignored: int = 0
    # Sentences
    problems: list = field(default_factory=list)

    def refuse(self, *problems):
        self.problems += [get_sentence(FileRefused(p)) for p in problems]


def parse_moment(text):
    "Return the day of a date which may have its hour behind"
    return parse_date((text or '').partition(' ')[0].partition('T')[0])


def parse_amount(text):
    text = (text or '').replace('€', '').strip()
    if ',' not in text:
        text = text.replace('.', ',')
    return parse_decimal(text, Decimal('0'), MAX_AMOUNT)


def read_kind(text):
    key = normalize(text or '')
    return 'gift' if key in GIFTS else 'fee' if key in FEES else 'other'


def read_row(row):
    "Return the values of the payment of a row, None if nothing was paid"
    status = normalize(row.get('status') or '')
    if status not in PAID | REFUNDED | UNPAID:
        raise ValueProblem('value_choice', value=row.get('status') or '',
            near=', '.join(["Validé", "Remboursé", "Refusé"]))
    amount = parse_amount(row.get('amount'))
    if (status in UNPAID or not amount
            or normalize(row.get('means') or '') in OFFLINE):
        return None
    if not row.get('reference'):
        raise ValueProblem('value_missing')
    date = parse_moment(row.get('date'))
    if not date:
        raise ValueProblem('value_missing')
    kind = read_kind(row.get('type'))
    person = ' '.join(filter(None, [
                row.get('first_name'), row.get('last_name')]))
    return {
        'reference': row['reference'], 'date': date, 'amount': amount,
        'kind': kind, 'kind_read': kind, 'refunded': status in REFUNDED,
        'payout_date': parse_moment(row.get('payout_date')),
        'payer': row.get('company_name') or person or None,
        'is_company': bool(row.get('company_name')),
        'email': (row.get('email') or '').casefold() or None,
        **{name: row.get(name) or None for name in [
                'order', 'campaign', 'street', 'postal_code', 'city',
                'receipt_number']},
        }


class HelloAssoImportStart(ModelView):
    __name__ = 'account.helloasso.import.start'

    file = fields.Binary(
        "File", required=True, filename='file_name',
        help="The payments exported from HelloAsso, as CSV.")
    file_name = fields.Char("File Name")


class HelloAssoImportPreview(ModelView):
    __name__ = 'account.helloasso.import.preview'

    new = fields.Integer("New Payments", readonly=True)
    amount = fields.Numeric("Their Total", digits=(None, 2), readonly=True)
    changed = fields.Integer(
        "Paid Out or Refunded Since", readonly=True,
        help="Payments known already, of which the file says more.")
    known = fields.Integer("Known Already", readonly=True)
    ignored = fields.Integer(
        "Left Out", readonly=True,
        help="Refused, awaited, free, or paid outside of the platform.")
    problems = fields.Text(
        "Problems", readonly=True,
        states={'invisible': ~Eval('problems')},
        help="Nothing is imported until they are mended.")


class HelloAssoImport(Wizard):
    __name__ = 'account.helloasso.import'

    start = StateView(
        'account.helloasso.import.start',
        'proxymikro_account.helloasso_import_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Preview", 'preview', 'tryton-forward', default=True),
            ])
    preview = StateView(
        'account.helloasso.import.preview',
        'proxymikro_account.helloasso_import_preview_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Import", 'import_', 'tryton-ok', default=True,
                states={'invisible': Bool(Eval('problems'))}),
            ])
    import_ = StateAction('proxymikro_account.act_helloasso_payment')

    def default_preview(self, fields):
        reading = self.read(self.start.file)
        return {
            'new': len(reading.new),
            'amount': sum((v['amount'] for v in reading.new), Decimal(0)),
            'changed': len(reading.changed),
            'known': reading.known,
            'ignored': reading.ignored,
            'problems': self.show_problems(reading.problems),
            }

    @classmethod
    def show_problems(cls, problems):
        more = ["…"] if len(problems) > SHOWN else []
        return '\n'.join([*problems[:SHOWN], *more])

    @without_check_access
    def do_import_(self, action):
        Payment = Pool().get('account.helloasso.payment')
        reading = self.read(self.start.file)
        if reading.problems:
            raise HelloAssoError(self.show_problems(reading.problems))
        self.recognise(reading.new)
        created = Payment.create(reading.new)
        if reading.changed:
            Payment.write(*(
                    x for payment, values in reading.changed.items()
                    for x in [[payment], values]))
        Payment.pay_out([
                p for p, v in reading.changed.items() if v['payout_date']])
        return action, {'res_id': [p.id for p in [
                    *created, *reading.changed]]}

    @classmethod
    def read(cls, data):
        "Return what the file brings that is not known"
        try:
            table = read_table(bytes(data), COLUMNS, strict=False)
        except FileRefused as refused:
            raise HelloAssoError(get_sentence(refused)) from refused
        reading, known, seen = Reading(), cls.get_known(), {}
        reading.refuse(*table.problems)
        for row in table.rows:
            try:
                values = read_row(row.values)
            except ValueProblem as problem:
                reading.refuse(
                    Problem(row.line, '', problem.code, problem.values))
                continue
            if not values:
                reading.ignored += 1
                continue
            key = values['reference'], values['kind_read']
            if key in seen:
                reading.refuse(Problem(
                        row.line, COLUMNS[0].label, 'value_twice', {
                            'value': values['reference'],
                            'lines': seen[key]}))
            elif payment := known.get(key):
                cls.compare(reading, row.line, payment, values)
            elif values['refunded']:
                # Paid back before anything was booked
                reading.ignored += 1
            else:
                reading.new.append(values)
            seen[key] = row.line
        return reading

    @classmethod
    def compare(cls, reading, line, payment, values):
        "Tell what the file says of the payment that was not known"
        if payment.amount != values['amount']:
            reading.problems.append(gettext(
                    'proxymikro_account.msg_helloasso_amount',
                    line=line, payment=payment.rec_name))
            return
        more = {
            'payout_date': payment.payout_date or values['payout_date'],
            'refunded': payment.refunded or values['refunded']}
        if any(getattr(payment, n) != v for n, v in more.items()):
            reading.changed[payment] = more
        else:
            reading.known += 1

    @classmethod
    def get_known(cls):
        Payment = Pool().get('account.helloasso.payment')
        return {
            (p.reference, p.kind_read): p
            for p in Payment.search([
                    ('company', '=', Transaction().context.get('company')),
                    ])}

    @classmethod
    def recognise(cls, payments):
        "Complete the payments with who pays and what is paid, if it is sure"
        emails = cls.get_emails({p['email'] for p in payments if p['email']})
        names = cls.get_names({p['payer'] for p in payments if p['payer']})
        for values in payments:
            found = emails.get(values['email']) or {
                p for p in names.get(normalize(values['payer'] or ''), ())
                if any(a.postal_code == values['postal_code']
                    for a in p.addresses)}
            values['company'] = Transaction().context['company']
            values['party'] = (
                next(iter(found)).id if len(found) == 1 else None)
        invoices = cls.get_invoices(
            {p['party'] for p in payments if p['party']})
        for values in sorted(payments, key=lambda v: v['date']):
            if values['kind'] == 'gift':
                continue
            open_ = invoices.get((values['party'], values['amount']))
            values['invoice'] = open_.pop(0).id if open_ else None

    @classmethod
    def get_emails(cls, emails):
        "Return the parties by the address of their e-mail"
        Mechanism = Pool().get('party.contact_mechanism')
        found = {}
        for mechanism in Mechanism.search([
                    ('type', '=', 'email'),
                    ('value_compact', 'in', list(emails)),
                    ]):
            found.setdefault(
                mechanism.value_compact, set()).add(mechanism.party)
        return found

    @classmethod
    def get_names(cls, names):
        Party = Pool().get('party.party')
        found = {}
        for party in Party.search([('name', 'in', list(names))]):
            found.setdefault(normalize(party.name), set()).add(party)
        return found

    @classmethod
    def get_invoices(cls, parties):
        "Return the invoices to pay, by who owes them and how much"
        Invoice = Pool().get('account.invoice')
        found = {}
        for invoice in Invoice.search([
                    ('company', '=', Transaction().context['company']),
                    ('type', '=', 'out'), ('state', '=', 'posted'),
                    ('party', 'in', list(parties)),
                    ], order=[('invoice_date', 'ASC'), ('id', 'ASC')]):
            found.setdefault(
                (invoice.party.id, invoice.amount_to_pay), []).append(invoice)
        return found
