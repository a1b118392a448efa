# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the buyer's note says of what was sold.

The invoice of the sale is provisional: the buyer weighs, grades and assays
weeks later. Once final, the difference is invoiced.
"""
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, Workflow, fields
from trytond.model.exceptions import AccessError
from trytond.modules.company.model import employee_field, set_employee
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.search import search_any
from trytond.modules.proxymikro_stock.evidence import SealedMixin
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction, without_check_access

from .exceptions import SettlementError


class Settlement(SealedMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'recycling.settlement'
    _sealed_state = 'final'

    _draft = {'readonly': Eval('state') != 'draft'}
    _open = {'readonly': Eval('state').in_(['final', 'cancelled'])}
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_draft)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    party = fields.Many2One(
        'party.party', "Buyer", required=True, ondelete='RESTRICT',
        states={
            'readonly': (
                (Eval('state') != 'draft') | Bool(Eval('lines', [0]))),
            },
        context={'company': Eval('company', -1)}, depends={'company'})
    reference = fields.Char(
        "Reference", required=True, states=_draft,
        help="The number of the buyer's note.")
    date = fields.Date(
        "Date", required=True, states=_draft,
        help="The day of the buyer's provisional note.")
    final_date = fields.Date(
        "Final on", readonly=True,
        states={'invisible': Eval('state') != 'final'},
        help="The day of the final note, once assayed.")
    lines = fields.One2Many(
        'recycling.settlement.line', 'settlement', "Lines", states=_open)
    provisional_amount = fields.Function(
        Monetary(
            "Provisional", currency='currency', digits='currency',
            help="What the invoices of the sale say, without taxes."),
        'on_change_with_provisional_amount')
    final_amount = fields.Function(
        Monetary(
            "Settled", currency='currency', digits='currency',
            help="What the buyer pays once the deductions are made, "
            "without taxes."),
        'on_change_with_final_amount')
    variance = fields.Function(
        Monetary(
            "Variance", currency='currency', digits='currency',
            help="What is invoiced or credited to reach what is settled."),
        'on_change_with_variance')
    adjustment = fields.Many2One(
        'account.invoice', "Adjustment", readonly=True, ondelete='RESTRICT',
        help="The complement or the credit note of the difference.")
    finalised_by = employee_field(
        "Finalised by", states=['draft', 'provisional', 'final', 'cancelled'])
    comment = fields.Text("Comment", states=_open)
    state = fields.Selection([
            ('draft', "Draft"),
            ('provisional', "Provisional"),
            ('final', "Final"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft, _open

    @classmethod
    def __setup__(cls):
        cls.reference.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('reference_unique', Unique(t, t.company, t.party, t.reference),
                'proxymikro_recycling.msg_settlement_reference_unique'),
            ('adjustment_unique', Unique(t, t.adjustment),
                'proxymikro_recycling.msg_settlement_adjustment_unique'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'provisional'),
            ('provisional', 'draft'),
            ('provisional', 'final'),
            ('draft', 'cancelled'),
            ('provisional', 'cancelled'),
            ('cancelled', 'draft'),
            }
        draft, provisional = (
            {'invisible': Eval('state') != s, 'depends': ['state']}
            for s in ['draft', 'provisional'])
        cls._buttons.update({
                'propose': draft,
                'provision': draft,
                'draft': {
                    'invisible': ~Eval('state').in_(
                        ['provisional', 'cancelled']),
                    'depends': ['state'],
                    },
                'finalise_wizard': provisional,
                'cancel': {
                    'invisible': ~Eval('state').in_(['draft', 'provisional']),
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
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('lines')
    def on_change_with_provisional_amount(self, name=None):
        return sum(l.provisional_amount or 0 for l in self.lines or ())

    @fields.depends('lines')
    def on_change_with_final_amount(self, name=None):
        return sum(l.final_amount or 0 for l in self.lines or ())

    @fields.depends(methods=[
            'on_change_with_provisional_amount',
            'on_change_with_final_amount'])
    def on_change_with_variance(self, name=None):
        return (self.on_change_with_final_amount()
            - self.on_change_with_provisional_amount())

    def get_rec_name(self, name):
        return f'{self.reference} · {self.party.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'reference', 'party.rec_name')

    @classmethod
    def check_modification(
            cls, mode, settlements, values=None, external=False):
        super().check_modification(
            mode, settlements, values=values, external=external)
        if mode == 'delete':
            for settlement in settlements:
                if settlement.state not in {'draft', 'cancelled'}:
                    raise AccessError(gettext(
                            'proxymikro_recycling.msg_settlement_delete',
                            settlement=settlement.rec_name))

    @classmethod
    def copy(cls, settlements, default=None):
        default = default.copy() if default is not None else {}
        for name in ['final_date', 'adjustment', 'finalised_by', 'lines']:
            default.setdefault(name, None)
        default.setdefault('reference', lambda o: f"{o['reference']} (2)")
        return super().copy(settlements, default=default)

    @classmethod
    @ModelView.button
    @without_check_access
    def propose(cls, settlements):
        "Add what was invoiced to the buyer and is not settled yet"
        Line = Pool().get('recycling.settlement.line')
        lines = []
        for settlement in settlements:
            for invoice_line in Line.get_unsettled(settlement):
                lines.extend(Line.propose(settlement, invoice_line))
        Line.save(lines)

    @classmethod
    @ModelView.button
    @Workflow.transition('provisional')
    @without_check_access
    def provision(cls, settlements):
        for settlement in settlements:
            if not settlement.lines:
                raise SettlementError(gettext(
                        'proxymikro_recycling.msg_settlement_empty',
                        settlement=settlement.rec_name))
        cls._hold(settlements)

    @classmethod
    def _hold(cls, settlements):
        "Keep what the lines settle from any other settlement, and share it"
        Line = Pool().get('recycling.settlement.line')
        lines = [l for s in settlements for l in s.lines]
        cls._check_invoiced(lines)
        firsts = {}
        for line in lines:
            firsts.setdefault(line.invoice_line, line)
        for line in lines:
            line.settles = (
                line.invoice_line if line in firsts.values() else None)
        cls.compute(lines)
        Line.save(lines)

    @classmethod
    def compute(cls, lines):
        "Share the invoiced amounts between the lines, and weigh them"
        shares = defaultdict(list)
        for line in lines:
            shares[line.invoice_line].append(line)
        for invoice_line, s_lines in shares.items():
            currency, left = invoice_line.currency, invoice_line.amount
            for line in s_lines[:-1]:
                line.provisional_amount = currency.round(
                    invoice_line.amount * Decimal(str(line.quantity))
                    / Decimal(str(invoice_line.quantity)))
                left -= line.provisional_amount
            # The last one takes the cent
            s_lines[-1].provisional_amount = left
        for line in lines:
            line.settled_amount = line.on_change_with_final_amount()
            line.weight = line.get_kg(line.quantity)
            line.buyer_weight = line.get_kg(line.buyer_quantity)

    @classmethod
    def _check_invoiced(cls, lines):
        "Refuse what was not invoiced, or not in that quantity"
        quantities = defaultdict(float)
        for line in lines:
            quantities[line.invoice_line] += line.quantity
        for line in lines:
            names = {
                'line': line.rec_name, 'settlement': line.settlement.rec_name}
            invoice_line = line.invoice_line
            if (invoice_line.invoice.state not in {'posted', 'paid'}
                    or invoice_line.invoice.party != line.settlement.party):
                raise SettlementError(gettext(
                        'proxymikro_recycling.msg_settlement_not_invoiced',
                        **names))
            if abs(quantities[invoice_line] - invoice_line.quantity) > 1e-6:
                raise SettlementError(gettext(
                        'proxymikro_recycling.msg_settlement_quantity',
                        invoiced=invoice_line.quantity,
                        quantity=round(quantities[invoice_line], 6), **names))

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, settlements):
        cls._release(settlements)

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, settlements):
        cls._release(settlements)

    @classmethod
    @without_check_access
    def _release(cls, settlements):
        "Let another settlement have the lines"
        Line = Pool().get('recycling.settlement.line')
        Line.write([l for s in settlements for l in s.lines], {
                'settles': None,
                })

    @classmethod
    @ModelView.button_action(
        'proxymikro_recycling.wizard_settlement_finalise')
    def finalise_wizard(cls, settlements):
        pass

    @classmethod
    @without_check_access
    def finalise(cls, settlements, date):
        """Invoice or credit the difference and seal the settlements.

        Two people at once: the second waits for the first, then is refused.
        """
        cls.write(settlements, {})
        settlements = cls.browse(settlements)
        for settlement in settlements:
            if settlement.state != 'provisional':
                raise SettlementError(gettext(
                        'proxymikro_recycling.msg_settlement_final',
                        settlement=settlement.rec_name))
        cls._hold(settlements)
        cls._finalise(cls.browse(settlements), date)

    @classmethod
    @Workflow.transition('final')
    @set_employee('finalised_by')
    def _finalise(cls, settlements, date):
        Invoice = Pool().get('account.invoice')
        adjustments = {
            s: i for s in settlements if (i := s.get_adjustment(date))}
        Invoice.save(list(adjustments.values()))
        Invoice.post(list(adjustments.values()))
        for settlement in settlements:
            settlement.final_date = date
            settlement.adjustment = adjustments.get(settlement)
        cls.save(settlements)

    def get_adjustment(self, date):
        "Return the invoice of the difference, None if there is none"
        Invoice = Pool().get('account.invoice')
        lines = list(filter(None, (l.get_adjustment() for l in self.lines)))
        if not lines:
            return
        origin = self.lines[0].invoice_line.invoice
        invoice = Invoice(
            company=self.company, type='out', party=self.party,
            invoice_date=date, currency=origin.currency,
            journal=origin.journal, account=origin.account,
            invoice_address=origin.invoice_address,
            payment_term=origin.payment_term,
            party_tax_identifier=origin.party_tax_identifier,
            tax_identifier=origin.tax_identifier)
        invoice.description = gettext(
            'proxymikro_recycling.msg_settlement_adjustment',
            reference=self.reference)
        invoice.lines = lines
        return invoice
