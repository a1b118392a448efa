# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The fees called in a year for days of the next one."""
from itertools import groupby

from trytond.i18n import gettext
from trytond.modules.proxymikro_account.account import find_accounts
from trytond.pool import Pool, PoolMeta


class CutOff(metaclass=PoolMeta):
    __name__ = 'account.cut.off'

    @classmethod
    def get_proposals(cls, fiscalyear):
        """Defer the fees with something in return, by their days.

        Those without are income of the year in which they are called.
        """
        def account(line):
            return line.account

        lines = sorted(
            cls.get_fee_lines(fiscalyear), key=lambda l: (l.account.id, l.id))
        return super().get_proposals(fiscalyear) + [
            cls(
                company=fiscalyear.company,
                fiscalyear=fiscalyear,
                kind='deferred_income',
                account=account,
                description=gettext(
                    'proxymikro_membership.msg_cut_off_fees',
                    fiscalyear=fiscalyear.rec_name),
                lines=list(map(cls.get_fee_cut_off, group)))
            for account, group in groupby(lines, key=account)]

    @classmethod
    def get_fee_lines(cls, fiscalyear):
        "Return the invoice lines of the fees which go on after the year"
        pool = Pool()
        InvoiceLine = pool.get('account.invoice.line')
        Membership = pool.get('party.membership')
        accounts = find_accounts(
            fiscalyear.company.id, ['proxymikro_account.7562'])
        memberships = Membership.search([
                ('company', '=', fiscalyear.company.id),
                ('state', 'in', ['called', 'active', 'ended']),
                ('end_date', '>', fiscalyear.end_date),
                ('invoice.state', 'in', ['posted', 'paid']),
                ('invoice.move.date', '>=', fiscalyear.start_date),
                ('invoice.move.date', '<=', fiscalyear.end_date),
                ])
        known = cls.get_known_origins(fiscalyear)
        lines = InvoiceLine.search([
                ('invoice', 'in', [m.invoice.id for m in memberships]),
                ('account', 'in', [a.id for a in accounts]),
                ])
        return [
            line for line in lines
            if str(line) not in known and line.amount > 0
            and isinstance(line.origin, Membership)]

    @classmethod
    def get_fee_cut_off(cls, line):
        Line = Pool().get('account.cut.off.line')
        membership = line.origin
        return Line(
            description=membership.rec_name, origin=line,
            start_date=membership.start_date, end_date=membership.end_date,
            total=line.amount,
            amount=Line.get_amount_after(
                line.amount, membership.start_date, membership.end_date,
                line.invoice.move.period.fiscalyear.end_date,
                line.currency))
