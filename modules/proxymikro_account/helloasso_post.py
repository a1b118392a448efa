# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The entries of what was paid on HelloAsso, and of its payouts."""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import ModelView, Workflow
from trytond.pool import Pool, PoolMeta

from .account import find_account, two_line_move
from .exceptions import HelloAssoError

ACCOUNT = 'proxymikro_account.5117'
NAMES = ("helloasso", "hello asso")


class HelloAssoPayment(metaclass=PoolMeta):
    __name__ = 'account.helloasso.payment'

    @classmethod
    @ModelView.button
    @Workflow.transition('posted')
    def post(cls, payments):
        "Book the payments, then the payouts of which all is booked"
        pool = Pool()
        Gift = pool.get('account.gift')
        Move = pool.get('account.move')
        cls.lock(payments)
        accounts = {
            c: cls._get_account(c) for c in {p.company for p in payments}}
        gifts, moves = [], []
        for payment in payments:
            account = accounts[payment.company]
            payment.check_post()
            if payment.kind == 'gift' and not payment.receipt_number:
                payment.gift = payment._get_gift(account)
                gifts.append(payment.gift)
            else:
                moves.append((payment, payment._get_move(account)))
        Gift.save(gifts)
        Gift.record(gifts)
        Move.save([m for _, m in moves])
        Move.post([m for _, m in moves])
        moves += [(p, p.gift.move) for p in payments if p.gift]
        for payment, move in moves:
            payment.line, = [
                l for l in move.lines
                if l.account == accounts[payment.company]]
        cls.save(payments)
        cls._pay_invoices([(p, m) for p, m in moves if p.invoice])
        cls.write(payments, {'state': 'posted'})
        cls.pay_out([p for p in payments if p.payout_date])

    @classmethod
    def _get_account(cls, company):
        account = find_account(company, ACCOUNT)
        if not account:
            raise HelloAssoError(gettext(
                    'proxymikro_account.msg_helloasso_account',
                    company=company.rec_name))
        return account

    def check_post(self):
        "Check that what is paid is said"
        error = None
        if self.refunded:
            error = 'post_refunded'
        elif self.kind == 'gift':
            if not self.party and not self.receipt_number:
                error = 'post_party'
        elif self.invoice:
            if (self.invoice.state != 'posted'
                    or self.invoice.amount_to_pay < self.amount):
                error = 'post_invoice'
        elif not self.account:
            error = 'post_account'
        if error:
            raise HelloAssoError(gettext(
                    f'proxymikro_account.msg_helloasso_{error}',
                    payment=self.rec_name,
                    invoice=self.invoice.rec_name if self.invoice else ''))

    def _get_gift(self, account):
        Gift = Pool().get('account.gift')
        gift = Gift(
            company=self.company, party=self.party, date=self.date,
            nature='money', means='transfer', amount=self.amount,
            description=f'HelloAsso {self.reference}')
        gift.set_accounts()
        gift.debit_account = account
        return gift

    def _get_move(self, account):
        credit, party = self.account, self.party
        if self.invoice:
            credit, party = self.invoice.account, self.invoice.party
        elif self.kind == 'gift':
            credit = find_account(self.company, 'proxymikro_account.75411')
        return two_line_move(
            self.company, self.date, 'account.journal_cash',
            account, credit, self.amount, party=party, origin=self,
            description=f'HelloAsso {self.reference}')

    @classmethod
    def _pay_invoices(cls, moves):
        "Clear the invoices that the payments pay, one after the other"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.move.line')
        for payment, move in moves:
            invoice = Invoice(payment.invoice.id)
            paid, = [l for l in move.lines if l.account == invoice.account]
            lines, remainder = invoice.get_reconcile_lines_for_amount(
                payment.amount, invoice.currency)
            Invoice.add_payment_lines({invoice: [paid.id]})
            if not remainder:
                Line.reconcile([*lines, paid])

    @classmethod
    def pay_out(cls, payments):
        """Gather the payments of each payout once all of them are booked.

        What one line of the bank credits is then one line of the books.
        """
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        keys = {(p.company, p.payout_date) for p in payments}
        groups = defaultdict(list)
        for payment in cls.search([
                    ('company', 'in', [c.id for c, _ in keys]),
                    ('payout_date', 'in', [d for _, d in keys]),
                    ('payout_move', '=', None),
                    ('state', 'in', ['draft', 'posted']),
                    ]):
            groups[payment.company, payment.payout_date].append(payment)
        moves = {
            key: cls._get_payout(*key, payments)
            for key, payments in groups.items()
            if key in keys and all(p.state == 'posted' for p in payments)}
        Move.save(list(moves.values()))
        Move.post(list(moves.values()))
        for key, move in moves.items():
            credit, = [l for l in move.lines if l.credit]
            Line.reconcile([credit, *(p.line for p in groups[key])])
            cls.write(groups[key], {'payout_move': move.id})

    @classmethod
    def _get_payout(cls, company, date, payments):
        Lang = Pool().get('ir.lang')
        account = cls._get_account(company)
        return two_line_move(
            company, date, 'account.journal_cash', account, account,
            sum(p.amount for p in payments), origin=payments[0],
            description=gettext(
                'proxymikro_account.msg_helloasso_payout',
                date=Lang.get().strftime(date), count=len(payments)))

    @classmethod
    @ModelView.button
    @Workflow.transition('refunded')
    def refund(cls, payments):
        """Take back the entries of what the platform has paid back.

        What was paid out already is left open on the account: the platform
        deducts it from a later payout.
        """
        pool = Pool()
        Gift = pool.get('account.gift')
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        cls.lock(payments)
        cancelled = {}
        for payment in payments:
            if payment.gift:
                Gift.cancel([payment.gift])
                cancelled[payment] = payment.gift.cancel_move
            else:
                payment._open_invoice()
                cancelled[payment] = payment.line.move.cancel()
        Move.post([
                m for p, m in cancelled.items() if m.state == 'draft'])
        for payment, move in cancelled.items():
            pairs = [
                [line, *(l for l in move.lines if l.account == line.account)]
                for line in payment.line.move.lines
                if line.account.reconcile]
            Line.reconcile(*(
                    pair for pair in pairs
                    if not any(l.reconciliation for l in pair)))

    def _open_invoice(self):
        "Let the invoice be to pay again"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Reconciliation = pool.get('account.move.reconciliation')
        if not self.invoice:
            return
        paid = [
            l for l in self.line.move.lines
            if l.account == self.invoice.account]
        Reconciliation.delete(
            [l.reconciliation for l in paid if l.reconciliation])
        Invoice.process([self.invoice])
        Invoice.remove_payment_lines(paid)


class GiftRetrieve(metaclass=PoolMeta):
    __name__ = 'account.gift.retrieve'

    @classmethod
    def find_lines(cls, company):
        "Leave out what the platform has issued the receipt of"
        return [
            (line, nature) for line, nature in super().find_lines(company)
            if getattr(line.move.origin, '__name__', None)
            != 'account.helloasso.payment']


class Statement(metaclass=PoolMeta):
    __name__ = 'account.statement'

    def _get_candidates(self):
        "Name the payouts as the banks do"
        candidates = super()._get_candidates()
        if account := find_account(self.company, ACCOUNT):
            for candidate in candidates:
                if candidate.account == account.id:
                    candidate.names += NAMES
                    candidate.whole = True
        return candidates
