# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The seal of the posted moves, in the order they were posted.

An accounting entry can't be changed once it is validated (article 921-3 of
the PCG): the seal shows what would be changed behind the application.
"""
from collections import defaultdict

from trytond.model import ModelView
from trytond.modules.proxymikro_base.seal import SealMixin, digest
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice

LINE_FIELDS = [
    'account', 'debit', 'credit', 'party', 'description', 'origin',
    'second_currency', 'amount_second_currency']


class Move(SealMixin, metaclass=PoolMeta):
    __name__ = 'account.move'

    _sealed_fields = [
        'number', 'company', 'journal', 'period', 'date', 'post_date',
        'origin', 'description']
    _sealed_order = [('post_date', 'ASC'), ('number', 'ASC'), ('id', 'ASC')]

    @classmethod
    def seal_domain(cls):
        return [('state', '=', 'posted')]

    @classmethod
    def get_fingerprints(cls, records):
        "Return the fingerprint of each move with its lines by id"
        Line = Pool().get('account.move.line')
        lines = defaultdict(list)
        for moves in grouped_slice(records, 500):
            for line in Line.search_read(
                    [('move', 'in', [m.id for m in moves])],
                    order=[('id', 'ASC')],
                    fields_names=['move', *LINE_FIELDS]):
                lines[line.pop('move')].append(line)
        return {
            values['id']: digest({
                    **values, 'lines': lines[values['id']]})
            for values in cls.read(
                [r.id for r in records], ['id', *cls._sealed_fields])}


class FiscalYear(metaclass=PoolMeta):
    __name__ = 'account.fiscalyear'

    @classmethod
    @ModelView.button
    def close(cls, fiscalyears):
        Pool().get('evidence.seal').seal()
        super().close(fiscalyears)
