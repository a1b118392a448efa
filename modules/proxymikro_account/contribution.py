# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is given to the association without money: time, goods, premises.

They are valued below the line of the income statement: 86x what they were used
for, 87x where they come from, always for the same amount.
"""
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, ValueMixin, Workflow, fields
from trytond.modules.company.model import CompanyValueMixin
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

from .exceptions import ContributionError
from .account import find_account, two_line_move

KINDS = [
    ('volunteering', "Volunteer Work"),
    ('goods', "Goods"),
    ('equipment', "Equipment Made Available"),
    ('premises', "Premises Made Available"),
    ('service', "Services"),
    ]
# The debit and the credit account of each kind
ACCOUNTS = {
    'volunteering': ('proxymikro_account.864', 'proxymikro_account.875'),
    'goods': ('proxymikro_account.860', 'proxymikro_account.870'),
    'equipment': ('proxymikro_account.8612', 'proxymikro_account.871'),
    'premises': ('proxymikro_account.8611', 'proxymikro_account.871'),
    'service': ('proxymikro_account.862', 'proxymikro_account.871'),
    }


class ContributionRate(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'account.contribution.rate'

    name = fields.Char("Name", required=True)
    kind = fields.Selection(KINDS, "Kind", required=True, sort=False)
    amount = fields.Numeric(
        "Amount", digits=(None, 4), required=True,
        domain=[('amount', '>', 0)],
        help="In euros: of an hour of work, or of a unit of the others.")

    @classmethod
    def get_rate(cls, kind, date):
        "Return the rate in force on the date, if any"
        rates = cls.search([
                ('kind', '=', kind),
                *cls.valid_domain(date),
                ], order=[('start_date', 'DESC NULLS LAST')], limit=1)
        return rates[0] if rates else None


class Contribution(Workflow, ModelSQL, ModelView):
    __name__ = 'account.contribution'

    _states = {'readonly': Eval('state') != 'draft'}
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_states)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    kind = fields.Selection(
        KINDS, "Kind", required=True, sort=False, states=_states)
    kind_string = kind.translated('kind')
    date = fields.Date("Date", required=True, states=_states)
    party = fields.Many2One(
        'party.party', "Contributor", ondelete='RESTRICT', states=_states,
        context={'company': Eval('company', -1)}, depends={'company'})
    description = fields.Char("Description", states=_states)
    quantity = fields.Float(
        "Quantity", digits=(None, 4),
        domain=['OR', ('quantity', '=', None), ('quantity', '>', 0)],
        states={
            'readonly': Eval('state') != 'draft',
            'required': Eval('kind') == 'volunteering',
            },
        help="The hours of a volunteer, or the units of another kind.")
    rate = fields.Many2One(
        'account.contribution.rate', "Rate", ondelete='RESTRICT',
        domain=[('kind', '=', Eval('kind'))], states=_states,
        help="Empty: the amount is what the document says.")
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[('amount', '>', 0)],
        states={
            'readonly': (Eval('state') != 'draft') | Bool(Eval('rate')),
            })
    origin = fields.Reference(
        "Origin", selection='get_origin', readonly=True,
        help="The document that the contribution was retrieved from.")
    move = fields.Many2One(
        'account.move', "Move", readonly=True, ondelete='RESTRICT',
        help="The move of the month, for all the contributions of the kind.\n"
        "Empty: they are listed but not posted.")
    cancel_move = fields.Many2One(
        'account.move', "Cancel Move", readonly=True, ondelete='RESTRICT',
        states={'invisible': ~Bool(Eval('cancel_move'))})
    state = fields.Selection([
            ('draft', "Draft"),
            ('recorded', "Recorded"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    del _states

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'recorded'),
            ('recorded', 'cancelled'),
            }
        cls._buttons.update({
                'record': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'cancel': {
                    'invisible': Eval('state') != 'recorded',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_kind(cls):
        return 'volunteering'

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('kind', 'date', methods=['on_change_rate'])
    def on_change_kind(self):
        Rate = Pool().get('account.contribution.rate')
        self.rate = None
        if self.kind and self.date:
            self.rate = Rate.get_rate(self.kind, self.date)
        self.on_change_rate()

    @fields.depends(methods=['on_change_kind'])
    def on_change_date(self):
        self.on_change_kind()

    @fields.depends('company', 'quantity', 'rate', '_parent_rate.amount')
    def on_change_rate(self):
        if self.rate:
            self.amount = None
            if self.quantity and self.company:
                self.amount = self.company.currency.round(
                    Decimal(str(self.quantity)) * self.rate.amount)

    @fields.depends(methods=['on_change_rate'])
    def on_change_quantity(self):
        self.on_change_rate()

    def get_rec_name(self, name):
        Lang = Pool().get('ir.lang')
        lang = Lang.get()
        amount = lang.currency(self.amount, self.currency)
        return f'{self.kind_string}, {lang.strftime(self.date)}, {amount}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('party.rec_name', *clause[1:]),
            ('description', *clause[1:]),
            ]

    @classmethod
    def _get_origin(cls):
        "Return the models that contributions come from"
        return ['account.gift']

    @classmethod
    def get_origin(cls):
        Model = Pool().get('ir.model')
        return [(None, "")] + [
            (m, Model.get_name(m)) for m in cls._get_origin()]

    @classmethod
    def get_candidates(cls, company, start_date, end_date):
        """Return the contributions that the documents of the period hold.

        Each model that holds some extends the method.
        """
        Gift = Pool().get('account.gift')
        gifts = Gift.search([
                ('company', '=', company.id),
                ('state', '=', 'recorded'),
                ('nature', '=', 'kind'),
                ('move', '=', None),
                ('date', '>=', start_date),
                ('date', '<=', end_date),
                ])
        return [cls(
                company=company, kind='goods', date=gift.date,
                party=gift.party, quantity=None, amount=gift.amount,
                origin=gift,
                description=' '.join(gift.description.split()))
            for gift in gifts]

    @classmethod
    def _get_giver(cls, employee):
        "Return the kind of the time that is given, and who gives it"
        return 'volunteering', employee.party

    @classmethod
    def from_minutes(cls, company, times):
        "Return the contributions of records which have MinutesMixin"
        Rate = Pool().get('account.contribution.rate')
        givers = [cls._get_giver(t.employee) for t in times]
        keys = [(kind, t.date) for t, (kind, _) in zip(times, givers)]
        rates = {key: Rate.get_rate(*key) for key in set(keys)}
        contributions = []
        for time, key, (kind, party) in zip(times, keys, givers):
            contribution = cls(
                company=company, kind=kind, date=time.date, party=party,
                origin=time, rate=rates[key], description=time.rec_name)
            if not contribution.rate:
                raise ContributionError(gettext(
                        'proxymikro_account.msg_contribution_rate',
                        kind=contribution.kind_string,
                        date=Pool().get('ir.lang').get().strftime(time.date)))
            contribution.quantity = round(time.minutes / 60, 4)
            contribution.amount = company.currency.round(
                contribution.rate.amount * time.minutes / 60)
            contributions.append(contribution)
        return contributions

    @classmethod
    def find(cls, company, start_date, end_date):
        "Return the contributions of the period which are not known yet"
        candidates = cls.get_candidates(company, start_date, end_date)
        known = {c.origin_key for c in cls.search([
                    ('company', '=', company.id),
                    ('origin', '!=', None),
                    ('state', '!=', 'cancelled'),
                    ('date', '>=', start_date),
                    ('date', '<=', end_date),
                    ])}
        return [c for c in candidates if c.origin_key not in known]

    @property
    def origin_key(self):
        "What no other contribution that is not cancelled shares"
        return self.origin

    @classmethod
    def check_modification(
            cls, mode, contributions, values=None, external=False):
        super().check_modification(
            mode, contributions, values=values, external=external)
        if mode == 'delete' or (mode == 'write' and external):
            for contribution in contributions:
                if contribution.state != 'draft':
                    raise ContributionError(gettext(
                            'proxymikro_account.msg_contribution_modify',
                            contribution=contribution.rec_name))

    @classmethod
    def copy(cls, contributions, default=None):
        default = default.copy() if default is not None else {}
        for name in ['origin', 'move', 'cancel_move']:
            default.setdefault(name)
        default.setdefault('state', 'draft')
        return super().copy(contributions, default=default)

    @classmethod
    @ModelView.button
    @Workflow.transition('recorded')
    def record(cls, contributions):
        "Post one move per kind and month, if the company posts them"
        pool = Pool()
        Configuration = pool.get('account.configuration')
        Move = pool.get('account.move')
        configuration = Configuration(1)
        groups = defaultdict(list)
        for contribution in contributions:
            if configuration.get_multivalue(
                    'contribution_posted', company=contribution.company.id):
                month = contribution.date.replace(day=1)
                groups[contribution.company, contribution.kind, month].append(
                    contribution)
        moves = [cls._get_move(*key[:2], g) for key, g in groups.items()]
        Move.save(moves)
        for move, group in zip(moves, groups.values()):
            for contribution in group:
                contribution.move = move
        cls.save(contributions)
        Move.post(moves)

    @classmethod
    def _get_move(cls, company, kind, contributions):
        date = max(c.date for c in contributions)
        amount = sum(c.amount for c in contributions)
        debit, credit = (find_account(company, a) for a in ACCOUNTS[kind])
        if not debit or not credit:
            raise ContributionError(gettext(
                    'proxymikro_account.msg_contribution_account',
                    contribution=contributions[0].rec_name))
        return two_line_move(
            company, date, 'proxymikro_account.journal_in_kind',
            debit, credit, amount, description=contributions[0].kind_string)

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, contributions):
        "Reverse the amount of each in the month of its move"
        Move = Pool().get('account.move')
        moves = []
        for contribution in contributions:
            if contribution.move:
                move = cls._get_move(
                    contribution.company, contribution.kind, [contribution])
                for line in move.lines:
                    line.debit, line.credit = line.credit, line.debit
                contribution.cancel_move = move
                moves.append(move)
        Move.save(moves)
        cls.save(contributions)
        Move.post(moves)


class Configuration(metaclass=PoolMeta):
    __name__ = 'account.configuration'

    contribution_posted = fields.MultiValue(fields.Boolean(
            "Post the Contributions in Kind",
            help="Check if they are valued below the line of the income "
            "statement. Otherwise they are only listed for the annexe, which "
            "must say why."))

    @classmethod
    def multivalue_model(cls, field):
        if field == 'contribution_posted':
            return Pool().get('account.configuration.contribution')
        return super().multivalue_model(field)

    @classmethod
    def default_contribution_posted(cls, **pattern):
        return cls.multivalue_model(
            'contribution_posted').default_contribution_posted()


class ConfigurationContribution(CompanyValueMixin, ModelSQL, ValueMixin):
    __name__ = 'account.configuration.contribution'

    contribution_posted = fields.Boolean("Post the Contributions in Kind")

    @classmethod
    def default_contribution_posted(cls):
        return True


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return [
            *super().fields_to_replace(), ('account.contribution', 'party')]
