# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What left before the end of a year and is invoiced, or settled, after it."""
from itertools import groupby

from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction


class CutOff(metaclass=PoolMeta):
    __name__ = 'account.cut.off'

    @classmethod
    def get_proposals(cls, fiscalyear):
        "Accrue the income from what was shipped, by buyer and account"
        def key(row):
            return row.party, row.account

        rows = sorted(
            cls.get_unbilled(fiscalyear),
            key=lambda r: (r.party.id, r.account.id, r.date, r.id))
        return super().get_proposals(fiscalyear) + [
            cls(
                company=fiscalyear.company,
                fiscalyear=fiscalyear,
                kind='accrued_income',
                account=account,
                party=party,
                description=gettext(
                    'proxymikro_recycling.msg_cut_off_unbilled',
                    buyer=party.rec_name),
                lines=list(map(cls.get_unbilled_cut_off, group)))
            for (party, account), group in groupby(rows, key=key)
            ] + cls.get_unsettled(fiscalyear)

    @classmethod
    def get_unbilled(cls, fiscalyear):
        """Return what left and was not invoiced on the last day of the year.

        What was accrued at the end of the year before was taken back since.
        """
        Unbilled = Pool().get('recycling.income.unbilled')
        known = cls.get_known_origins(fiscalyear)
        with Transaction().set_context(
                company=fiscalyear.company.id,
                income_date=fiscalyear.end_date):
            return [
                r for r in Unbilled.search([
                        ('amount', '>', 0),
                        ('party', '!=', None),
                        ])
                if r.account and str(r.move) not in known]

    @classmethod
    def get_unbilled_cut_off(cls, row):
        Line = Pool().get('account.cut.off.line')
        return Line(
            description=row.lot.rec_name, origin=row.move, total=row.amount,
            amount=row.amount)

    @classmethod
    def get_unsettled(cls, fiscalyear):
        "Accrue what the notes known at the end of the year change"
        Settlement = Pool().get('recycling.settlement')
        known = cls.get_known_origins(fiscalyear)
        end = fiscalyear.end_date
        cut_offs = []
        for settlement in Settlement.search([
                    ('company', '=', fiscalyear.company.id),
                    ('date', '<=', end),
                    ['OR',
                        ('state', '=', 'provisional'),
                        [('state', '=', 'final'), ('final_date', '>', end)],
                        ],
                    ], order=[('date', 'ASC'), ('id', 'ASC')]):
            lines = sorted(
                (l for l in settlement.lines
                    if l.difference and str(l) not in known),
                key=lambda l: l.invoice_line.account.id)
            for account, group in groupby(
                    lines, key=lambda l: l.invoice_line.account):
                if cut_off := cls.get_settlement_cut_off(
                        fiscalyear, settlement, account, list(group)):
                    cut_offs.append(cut_off)
        return cut_offs

    @classmethod
    def get_settlement_cut_off(cls, fiscalyear, settlement, account, lines):
        "Return the cut-off of a complement or of a credit note to come"
        Line = Pool().get('account.cut.off.line')
        total = sum(l.difference for l in lines)
        if not total:
            return
        sign = 1 if total > 0 else -1
        return cls(
            company=fiscalyear.company,
            fiscalyear=fiscalyear,
            kind='accrued_income' if total > 0 else 'accrued_credit',
            account=account,
            party=settlement.party,
            description=gettext(
                'proxymikro_recycling.msg_cut_off_unsettled',
                settlement=settlement.rec_name),
            lines=[
                Line(
                    description=l.rec_name, origin=l,
                    total=sign * l.difference, amount=sign * l.difference)
                for l in lines])


class CutOffLine(metaclass=PoolMeta):
    __name__ = 'account.cut.off.line'

    @classmethod
    def get_origin(cls):
        Model = Pool().get('ir.model')
        return [*super().get_origin(), *(
                (name, Model.get_name(name))
                for name in ['stock.move', 'recycling.settlement.line'])]
