# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from sql.aggregate import Max

from trytond import backend
from trytond.model import dualmethod
from trytond.pool import PoolMeta
from trytond.transaction import Transaction, TransactionError


class Journal(metaclass=PoolMeta):
    __name__ = 'account.journal'

    @classmethod
    def check_modification(cls, mode, journals, values=None, external=False):
        "A module that is added writes again the journals of those it extends"
        if mode == 'write' and {j.type for j in journals} == {
                values.get('type')}:
            values = {k: v for k, v in values.items() if k != 'type'}
        super().check_modification(
            mode, journals, values=values, external=external)


class JournalPeriod(metaclass=PoolMeta):
    __name__ = 'account.journal.period'

    @dualmethod
    def lock(cls, records=None):
        """Wait for who opens a journal for a month, then start again.

        As for the numbers: core lets go of what was written, and gives up.
        """
        if records is not None or backend.name == 'sqlite':
            return super().lock(records)
        transaction = Transaction()
        transaction.connection.cursor().execute(
            f'LOCK TABLE "{cls._table}" IN EXCLUSIVE MODE')
        with transaction.new_transaction(readonly=True):
            newest = cls._newest()
        # What was opened meanwhile is not seen by this transaction, and what
        # it opened itself is seen by no other
        if newest != cls._newest(transaction.create_records[cls.__name__]):
            raise TransactionError

    @classmethod
    def _newest(cls, but=()):
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(
                Max(table.id), where=~table.id.in_([-1, *but])))
        return cursor.fetchone()
