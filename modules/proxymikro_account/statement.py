# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta

from .exceptions import StatementDuplicateError


class ImportStatement(metaclass=PoolMeta):
    __name__ = 'account.statement.import'

    def parse_ofx(self):
        for statement in super().parse_ofx():
            self._drop_known_origins(statement)
            yield statement

    def _drop_known_origins(self, statement):
        "Keep the transactions which no earlier statement already holds"
        pool = Pool()
        Origin = pool.get('account.statement.origin')

        origins = list(statement.origins)
        known = {(o.number, o.date, o.amount): o.statement
            for o in Origin.search([
                    ('statement.journal', '=', statement.journal.id),
                    ('statement.state', '!=', 'cancelled'),
                    ('number', 'in', [o.number for o in origins]),
                    ])}
        kept = [o for o in origins
            if (o.number, o.date, o.amount) not in known]
        if len(kept) == len(origins):
            return
        if not kept:
            earlier = max(known.values(), key=int)
            raise StatementDuplicateError(gettext(
                    'proxymikro_account.msg_statement_duplicate',
                    statement=earlier.rec_name))
        statement.origins = kept
        statement.number_of_lines = len(kept)
        statement.total_amount = sum((o.amount for o in kept), Decimal(0))
        if getattr(statement, 'end_balance', None) is not None:
            statement.start_balance = (
                statement.end_balance - statement.total_amount)
