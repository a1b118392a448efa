# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The parts that left before the end of a year and are invoiced after it."""
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
            for (party, account), group in groupby(rows, key=key)]

    @classmethod
    def get_unbilled(cls, fiscalyear):
        "Return what left in the year and was not invoiced on its last day"
        Unbilled = Pool().get('recycling.income.unbilled')
        known = cls.get_known_origins(fiscalyear)
        with Transaction().set_context(
                company=fiscalyear.company.id,
                income_date=fiscalyear.end_date):
            return [
                r for r in Unbilled.search([
                        ('date', '>=', fiscalyear.start_date),
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


class CutOffLine(metaclass=PoolMeta):
    __name__ = 'account.cut.off.line'

    @classmethod
    def get_origin(cls):
        Model = Pool().get('ir.model')
        name = 'stock.move'
        return [*super().get_origin(), (name, Model.get_name(name))]
