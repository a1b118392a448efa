# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from collections import defaultdict
from decimal import Decimal

from sql.aggregate import Sum
from sql.functions import Extract

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .account import find_account
from .exceptions import ExpenseClaimError

NATURES = [
    ('mileage', "Own Vehicle, by the Scale"),
    ('travel', "Train, Bus, Toll, Parking"),
    ('meal', "Meal"),
    ('lodging', "Lodging"),
    ('supplies', "Small Equipment"),
    ('stationery', "Stationery"),
    ('postage', "Postage and Telephone"),
    ('other', "Other"),
    ]
ACCOUNTS = {
    'mileage': 'account_fr.6251',
    'travel': 'account_fr.6251',
    'meal': 'account_fr.6256',
    'lodging': 'account_fr.6256',
    'supplies': 'account_fr.6063',
    'stationery': 'account_fr.6064',
    'postage': 'account_fr.626',
    }


class ExpenseClaimLine(ModelSQL, ModelView):
    __name__ = 'account.expense.claim.line'

    _mileage = {
        'invisible': Eval('nature') != 'mileage',
        'required': Eval('nature') == 'mileage',
        }
    claim = fields.Many2One(
        'account.expense.claim', "Claim", required=True, ondelete='CASCADE')
    claim_state = fields.Function(
        fields.Selection('get_claim_states', "State of the Claim"),
        'on_change_with_claim_state')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    date = fields.Date(
        "Date", required=True,
        help="The day of the expense or of the journey.")
    nature = fields.Selection(NATURES, "Nature", required=True, sort=False)
    nature_string = nature.translated('nature')
    description = fields.Char(
        "Description", required=True,
        help="Where from and where to, or what was bought, and why.")
    scale = fields.Many2One(
        'account.expense.scale', "Vehicle", ondelete='RESTRICT',
        domain=[
            If(Bool(Eval('date')), [
                    ['OR',
                        ('start_date', '=', None),
                        ('start_date', '<=', Eval('date', None))],
                    ['OR',
                        ('end_date', '=', None),
                        ('end_date', '>=', Eval('date', None))],
                    ], []),
            ],
        states=_mileage,
        help="Whose kilometres of the year are counted together.")
    electric = fields.Boolean(
        "Electric", states={'invisible': _mileage['invisible']})
    kilometers = fields.Integer(
        "Kilometres", states=_mileage,
        domain=['OR', ('kilometers', '=', None), ('kilometers', '>', 0)])
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[('amount', '>', 0)],
        states={'readonly': Eval('nature') == 'mileage'})
    document = fields.Binary(
        "Receipt", filename='document_name',
        states={'invisible': Eval('nature') == 'mileage'},
        help="The invoice, the ticket: without it nothing is paid back.")
    document_name = fields.Char("Name of the Receipt")
    account = fields.Many2One(
        'account.account', "Account", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type.statement', '=', 'income'),
            ('closed', '!=', True),
            ])
    analytic_account = fields.Many2One(
        'analytic_account.account', "Analytic Account", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'normal'),
            ],
        help="The grant, or the project, that the expense is for.")
    del _mileage

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('claim')
        cls._order = [('date', 'ASC'), ('id', 'ASC')]

    @classmethod
    def get_claim_states(cls):
        Claim = Pool().get('account.expense.claim')
        return Claim.fields_get(['state'])['state']['selection']

    @fields.depends('claim', '_parent_claim.state')
    def on_change_with_claim_state(self, name=None):
        return self.claim.state if self.claim else None

    @fields.depends('claim', '_parent_claim.company')
    def on_change_with_company(self, name=None):
        return self.claim.company if self.claim else None

    @fields.depends(methods=['on_change_with_company'])
    def on_change_with_currency(self, name=None):
        company = self.on_change_with_company()
        return company.currency if company else None

    @fields.depends('nature', methods=['on_change_with_company'])
    def on_change_nature(self):
        company = self.on_change_with_company()
        template = ACCOUNTS.get(self.nature)
        self.account = (
            find_account(company, template) if company and template else None)
        if self.nature != 'mileage':
            self.scale = self.kilometers = None
            self.electric = False

    @fields.depends(
        'claim', '_parent_claim.id', '_parent_claim.party', 'id', 'nature',
        'date', 'scale', 'kilometers', 'electric', 'amount',
        methods=['on_change_with_currency'])
    def on_change_with_amount(self):
        currency = self.on_change_with_currency()
        if (self.nature != 'mileage' or not self.date or not self.scale
                or not self.kilometers or not currency):
            return self.amount
        before = 0
        if self.claim and self.claim.party:
            before = self._get_kilometers([self.claim.party])[
                (self.claim.party.id, self.scale.id, self.date.year)]
        return currency.round(self.scale.get_amount(
                self.kilometers, before, self.electric))

    @classmethod
    def _get_kilometers(cls, parties):
        "Return the kilometres approved, by party, scale and year"
        Claim = Pool().get('account.expense.claim')
        table, claim = cls.__table__(), Claim.__table__()
        year = Extract('YEAR', table.date)
        cursor = Transaction().connection.cursor()
        cursor.execute(*table
            .join(claim, condition=table.claim == claim.id)
            .select(claim.party, table.scale, year, Sum(table.kilometers),
                where=fields.SQL_OPERATORS['in'](
                    claim.party, [p.id for p in parties])
                & (table.nature == 'mileage')
                & claim.state.in_(['approved', 'waived']),
                group_by=[claim.party, table.scale, year]))
        kilometers = defaultdict(int)
        for party_id, scale_id, year, total in cursor:
            kilometers[party_id, scale_id, int(year)] = int(total)
        return kilometers

    @classmethod
    def compute(cls, lines):
        "Return the amount of each line, after the kilometres of its year"
        before = cls._get_kilometers({l.claim.party for l in lines})
        amounts = {}
        for line in lines:
            amounts[line] = line.amount
            if line.nature == 'mileage':
                key = line.claim.party.id, line.scale.id, line.date.year
                amounts[line] = line.currency.round(line.scale.get_amount(
                        line.kilometers, before[key], line.electric))
                before[key] += line.kilometers
        return amounts

    @classmethod
    def set_amounts(cls, lines):
        amounts = cls.compute(lines)
        changed = [l for l in lines if l.amount != amounts[l]]
        for line in changed:
            line.amount = amounts[line]
        cls.save(changed)

    def check(self):
        "Check that the line proves what it asks for"
        error = None
        if self.date > self.claim.date:
            error = 'date'
        elif self.nature != 'mileage' and not self.document:
            error = 'document'
        if error:
            raise ExpenseClaimError(gettext(
                    f'proxymikro_account.msg_expense_claim_line_{error}',
                    line=self.rec_name, claim=self.claim.rec_name))

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{lang.strftime(self.date)}, {self.description}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('description', *clause[1:])]

    def get_move_line(self):
        pool = Pool()
        AnalyticLine = pool.get('analytic_account.line')
        Line = pool.get('account.move.line')
        line = Line(
            account=self.account, debit=self.amount, credit=Decimal(0),
            description=self.description)
        if self.account.party_required:
            line.party = self.claim.party
        if self.analytic_account:
            line.analytic_lines = [AnalyticLine(
                    account=self.analytic_account, date=self.claim.date,
                    debit=self.amount, credit=Decimal(0))]
        return line

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if not external:
            return
        for line in lines:
            if line.claim.state != 'draft':
                raise ExpenseClaimError(gettext(
                        'proxymikro_account.msg_expense_claim_modify',
                        claim=line.claim.rec_name))
