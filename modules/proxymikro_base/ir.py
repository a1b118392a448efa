# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import contextlib
import logging
import sys

from sql import For, Literal

from trytond import backend
from trytond.model import dualmethod
from trytond.model.fields import SQL_OPERATORS
from trytond.pool import PoolMeta
from trytond.transaction import Transaction, TransactionError

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def only_language():
    """Keep of the context what the names of the models depend on.

    Core caches them by context, of which a wizard has one for each record it is
    opened on: some 60 KB each, that a worker does not give back.
    """
    transaction = Transaction()
    language = transaction.language
    with transaction.reset_context(), \
            transaction.set_context(language=language):
        yield


class Model(metaclass=PoolMeta):
    __name__ = 'ir.model'

    @classmethod
    def get_name_items(cls, classes=None):
        with only_language():
            return super().get_name_items(classes=classes)

    @classmethod
    def get_names(cls, classes=None):
        with only_language():
            return super().get_names(classes=classes)


class Cron(metaclass=PoolMeta):
    __name__ = 'ir.cron'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(('evidence.seal|seal', "Seal Evidence"))


class Queue(metaclass=PoolMeta):
    __name__ = 'ir.queue'

    @classmethod
    def pull(cls, database, connection, name=None):
        """Leave when PostgreSQL was restarted, for another worker to start.

        The worker has one connection for its life: core would ask the one that
        is lost again and again, and say nothing.
        """
        try:
            return super().pull(database, connection, name=name)
        except backend.DatabaseOperationalError as error:
            if connection.closed:
                logger.error("the worker leaves: %s", error)
                sys.exit()
            raise


class SequenceStrict(metaclass=PoolMeta):
    __name__ = 'ir.sequence.strict'

    @dualmethod
    def lock(cls, sequences=None):
        """Wait for who takes a number, then start again from what it did.

        Core starts the transaction again before it takes the first lock, so
        it lets go of what was written to serialise two people, and gives up
        after a few seconds. Here each start follows the commit of another.
        """
        if sequences is None or backend.name == 'sqlite':
            return super().lock(sequences)
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        try:
            cursor.execute(*table.select(
                    Literal(1),
                    where=SQL_OPERATORS['in'](
                        table.id, [s.id for s in sequences]),
                    order_by=table.id,
                    for_=For('UPDATE')))
        except backend.DatabaseTimeoutError:
            raise
        except backend.DatabaseOperationalError as error:
            raise TransactionError from error
