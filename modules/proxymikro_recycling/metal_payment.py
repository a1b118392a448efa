# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Metals are never paid in cash (Code monétaire et financier, art. L112-6).

Whatever receives the money, it clears an invoice either as one of its payments
or by a reconciliation: both are looked at, and what reached it from the cash
box by the internal transfers (58).
"""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.modules.proxymikro_account.account import find_accounts
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access

from .exceptions import MetalPaymentError

CASH = ['account_fr.53']
TRANSIT = ['account_fr.58']


class InvoiceLine(metaclass=PoolMeta):
    __name__ = 'account.invoice.line'

    @property
    def is_metal(self):
        "Whether it sells metals, or adjusts what a buyer paid for some"
        pool = Pool()
        SaleLine = pool.get('sale.line')
        SettlementLine = pool.get('recycling.settlement.line')
        if isinstance(self.origin, SettlementLine):
            return self.origin.invoice_line.is_metal
        if isinstance(self.origin, SaleLine) and self.origin.material:
            return True
        if not self.product:
            return False
        category = self.product.account_category
        return bool(
            self.product.component_kind == 'scrap'
            or category and category.reverse_charge)


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    @without_check_access
    def check_metal_payments(cls, moves):
        "Refuse the cash that the moves by invoice received for metals"
        accounts = {}
        for invoice, i_moves in moves.items():
            metal = next(
                (l for l in invoice.line_lines if l.is_metal), None)
            if invoice.type != 'out' or not metal:
                continue
            company = invoice.company
            if company not in accounts:
                accounts[company] = [
                    set(find_accounts(company.id, t)) for t in [CASH, TRANSIT]]
            cashes, transits = accounts[company]
            cash = next(
                (l for m in i_moves | cls._get_transfers(i_moves, transits)
                    for l in m.lines if l.account in cashes), None)
            if cash:
                raise MetalPaymentError(gettext(
                        'proxymikro_recycling.msg_metal_cash',
                        invoice=invoice.rec_name,
                        line=metal.rec_name,
                        account=cash.account.rec_name))

    @classmethod
    def _get_transfers(cls, moves, transits):
        "Return the moves that brought what the moves take in transit"
        return {
            l.move for m in moves for t in m.lines
            if t.account in transits and t.reconciliation
            for l in t.reconciliation.lines}


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @property
    def cleared_invoices(self):
        "The invoices that it pays, or is reconciled with"
        Invoice = Pool().get('account.invoice')
        reconciled = (
            self.reconciliation.lines if self.reconciliation else [])
        return {*self.invoice_payments, *(
                l.move.origin for l in reconciled
                if isinstance(l.move.origin, Invoice))}


class InvoicePaymentLine(metaclass=PoolMeta):
    __name__ = 'account.invoice-account.move.line'

    @classmethod
    def validate_fields(cls, payments, field_names):
        super().validate_fields(payments, field_names)
        Invoice = Pool().get('account.invoice')
        moves = defaultdict(set)
        for payment in payments:
            moves[payment.invoice].add(payment.line.move)
        Invoice.check_metal_payments(moves)


class Reconciliation(metaclass=PoolMeta):
    __name__ = 'account.move.reconciliation'

    @classmethod
    def validate(cls, reconciliations):
        super().validate(reconciliations)
        Invoice = Pool().get('account.invoice')
        moves = defaultdict(set)
        for reconciliation in reconciliations:
            together = {l.move for l in reconciliation.lines}
            for move in together:
                if isinstance(move.origin, Invoice):
                    moves[move.origin] |= together
            if not reconciliation.lines[0].account.party_required:
                # One side of a transfer may have paid an invoice already
                for line in {l for m in together for l in m.lines}:
                    for invoice in line.cleared_invoices:
                        moves[invoice] |= together
        Invoice.check_metal_payments(moves)
