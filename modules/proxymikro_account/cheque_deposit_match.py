# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The line of the bank which credits a slip clears all its cheques."""
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If

from .statement_candidate import Candidate

# How the banks name the credit of a slip
NAMES = (
    "remise cheque", "remise cheques", "remise chq", "remise chqs",
    "rem cheque", "rem cheques", "rem chq", "rem chqs",
    "versement cheque", "versement cheques", "encaissement cheques",
    "bordereau cheques")


class Statement(metaclass=PoolMeta):
    __name__ = 'account.statement'

    def _get_candidates(self):
        "Propose the slips instead of their cheques"
        Deposit = Pool().get('account.cheque.deposit')
        deposits = Deposit.search([
                ('company', '=', self.company.id),
                ('state', '=', 'deposited'),
                ('cheques.line.reconciliation', '=', None),
                ])
        cheques = {
            str(c.line) for d in deposits for c in d.cheques if c.line}
        return [
            *(c for c in super()._get_candidates()
                if c.record not in cheques),
            *(Candidate(
                    str(d), d.account.id, d.pending, d.date, whole=True,
                    references=tuple(filter(None, [d.reference])),
                    names=NAMES)
                for d in deposits if d.journal == self.journal)]


class StatementLine(metaclass=PoolMeta):
    __name__ = 'account.statement.line'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.related_to.domain['account.cheque.deposit'] = [
            ('company', '=', Eval('company', -1)),
            If(Bool(Eval('account')),
                ('account', '=', Eval('account', -1)),
                ()),
            If(Eval('statement_state') == 'draft',
                ('state', '=', 'deposited'),
                ()),
            ]

    @classmethod
    def _get_relations(cls):
        return [*super()._get_relations(), 'account.cheque.deposit']

    @property
    @fields.depends('related_to')
    def cheque_deposit(self):
        Deposit = Pool().get('account.cheque.deposit')
        related_to = getattr(self, 'related_to', None)
        if isinstance(related_to, Deposit) and related_to.id >= 0:
            return related_to

    @fields.depends('account', 'party', methods=['cheque_deposit'])
    def on_change_related_to(self):
        super().on_change_related_to()
        if self.cheque_deposit:
            self.account = self.cheque_deposit.account
            self.party = None

    @classmethod
    def reconcile(cls, move_lines):
        "Clear the cheques once the bank has credited all of the slip"
        pool = Pool()
        Deposit = pool.get('account.cheque.deposit')
        MoveLine = pool.get('account.move.line')
        super().reconcile(move_lines)
        deposits = list({
                l.cheque_deposit for _, l in move_lines
                if l and l.cheque_deposit})
        if not deposits:
            return
        MoveLine.reconcile(*(
                lines for lines in Deposit.get_pending_lines(deposits).values()
                if not sum(l.debit - l.credit for l in lines)))
