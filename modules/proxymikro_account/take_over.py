# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.pool import Pool, PoolMeta


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def find_remaining(cls):
        Opening = Pool().get('account.opening')
        openings = Opening.search([('state', '=', 'posted')])
        funds = {
            l.account for o in openings for l in o.move.lines
            if l.account.code.startswith('19')}
        return super().find_remaining() + cls.list_remaining([
                ('proxymikro_account.msg_take_over_funds',
                    sorted(funds, key=lambda a: a.code)),
                ]) + [
            note for o in openings for note in (o.notes or '').splitlines()]
