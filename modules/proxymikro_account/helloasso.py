# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What was paid on HelloAsso: read from its file, booked, then paid out.

The platform takes nothing of it: what a payer adds for the platform itself
never is in the amount.  A payment waits on account 5117 until the payout.
"""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, Workflow, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

from .exceptions import HelloAssoError

KINDS = [
    ('gift', "Gift"),
    ('fee', "Fee"),
    ('other', "Other"),
    ]


class HelloAssoPayment(Workflow, ModelSQL, ModelView):
    __name__ = 'account.helloasso.payment'

    _draft = {'readonly': Eval('state') != 'draft'}
    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    reference = fields.Char("Reference", required=True, readonly=True)
    order = fields.Char("Order", readonly=True)
    date = fields.Date("Date", required=True, readonly=True)
    campaign = fields.Char("Campaign", readonly=True)
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        readonly=True, domain=[('amount', '>', 0)])
    payer = fields.Char("Payer", readonly=True)
    email = fields.Char("E-Mail", readonly=True)
    street = fields.Char("Street", readonly=True)
    postal_code = fields.Char("Postal Code", readonly=True)
    city = fields.Char("City", readonly=True)
    is_company = fields.Boolean("Company or Organisation", readonly=True)
    receipt_number = fields.Char(
        "Receipt of the Platform", readonly=True,
        help="The tax receipt that the platform has issued in the name of the "
        "association: no other is issued.")
    payout_date = fields.Date(
        "Paid Out On", readonly=True,
        help="The day the platform sent it to the bank.")
    refunded = fields.Boolean(
        "Refunded by the Platform", readonly=True)
    kind_read = fields.Selection(
        KINDS, "Kind in the File", required=True, readonly=True, sort=False)
    kind = fields.Selection(
        KINDS, "Kind", required=True, sort=False, states=_draft)
    party = fields.Many2One(
        'party.party', "Party", ondelete='RESTRICT', states=_draft,
        context={'company': Eval('company', -1)}, depends={'company'},
        help="Found by the e-mail address, or by the name and the postal "
        "code.")
    invoice = fields.Many2One(
        'account.invoice', "Invoice", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'out'),
            ],
        states={
            **_draft,
            'invisible': Eval('kind') == 'gift',
            },
        help="What it pays: the call of a fee, most often.")
    account = fields.Many2One(
        'account.account', "Account", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type.statement', '=', 'income'),
            ('closed', '!=', True),
            ],
        states={
            **_draft,
            'invisible': (Eval('kind') == 'gift') | Bool(Eval('invoice')),
            },
        help="The income, of what no invoice called.")
    gift = fields.Many2One(
        'account.gift', "Gift", readonly=True, ondelete='RESTRICT',
        states={'invisible': Eval('kind') != 'gift'})
    line = fields.Many2One(
        'account.move.line', "Amount to Cash", readonly=True,
        ondelete='RESTRICT',
        help="What waits for the payout, in the books.")
    payout_move = fields.Many2One(
        'account.move', "Payout", readonly=True, ondelete='RESTRICT',
        help="The entry which gathers the payments that one line of the bank "
        "credits.")
    state = fields.Selection([
            ('draft', "To Book"),
            ('posted', "Booked"),
            ('refunded', "Refunded"),
            ('cancelled', "Left Aside"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('reference_unique',
                Unique(t, t.company, t.reference, t.kind_read),
                'proxymikro_account.msg_helloasso_reference'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'posted'),
            ('draft', 'cancelled'),
            ('cancelled', 'draft'),
            ('posted', 'refunded'),
            }
        cls._buttons.update({
                'create_party': {
                    'invisible': (
                        (Eval('state') != 'draft') | Bool(Eval('party'))),
                    'depends': ['state', 'party'],
                    },
                'post': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'refund': {
                    'invisible': (
                        (Eval('state') != 'posted') | ~Eval('refunded')),
                    'depends': ['state', 'refunded'],
                    },
                'cancel': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'draft': {
                    'invisible': Eval('state') != 'cancelled',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        amount = lang.currency(self.amount, self.currency)
        return f'{self.reference}, {self.payer or ""}, {amount}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('reference', *clause[1:]),
            ('payer', *clause[1:]),
            ]

    @classmethod
    def check_modification(cls, mode, payments, values=None, external=False):
        super().check_modification(
            mode, payments, values=values, external=external)
        if mode == 'delete' or (mode == 'write' and external):
            # What the file says stays as it was read
            free = {'kind', 'party', 'invoice', 'account'}
            read = mode == 'write' and values.keys() - free
            for payment in payments:
                if payment.state != 'draft' or read:
                    raise HelloAssoError(gettext(
                            'proxymikro_account.msg_helloasso_modify',
                            payment=payment.rec_name))

    @classmethod
    @ModelView.button
    def create_party(cls, payments):
        "Create the payers that nobody was found for, once for each"
        Party = Pool().get('party.party')
        parties = {}
        for payment in payments:
            if payment.state != 'draft' or payment.party:
                continue
            if not payment.payer:
                raise HelloAssoError(gettext(
                        'proxymikro_account.msg_helloasso_payer',
                        payment=payment.rec_name))
            key = payment.payer, payment.email
            if key not in parties:
                parties[key] = payment._get_party()
            payment.party = parties[key]
        Party.save(list(parties.values()))
        cls.save(payments)

    def _get_party(self):
        pool = Pool()
        Address = pool.get('party.address')
        Mechanism = pool.get('party.contact_mechanism')
        Party = pool.get('party.party')
        party = Party(
            name=self.payer,
            legal_kind='company' if self.is_company else 'individual',
            addresses=[Address(
                    street=self.street, postal_code=self.postal_code,
                    city=self.city)])
        if self.email:
            party.contact_mechanisms = [
                Mechanism(type='email', value=self.email)]
        return party

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, payments):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, payments):
        pass


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'account.helloasso.payment']


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return [
            *super().fields_to_replace(),
            ('account.helloasso.payment', 'party')]
