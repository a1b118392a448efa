# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a person still has to do once what existed before was taken over."""
from sql import Literal
from sql.aggregate import Count, Min
from sql.functions import Lower

from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

SHOWN = 5


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__['get_remaining'] = RPC()

    @classmethod
    def get_remaining(cls):
        "Return what remains in sentences, for who may see whom it is about"
        Pool().get('ir.model.access').check('party.party', 'read')
        with without_check_access():
            return cls.find_remaining()

    @classmethod
    def find_remaining(cls):
        "Hook: the modules add what they see"
        return cls.list_remaining([
                ('proxymikro_base.msg_take_over_duplicate',
                    cls._find_namesakes()),
                ])

    @classmethod
    def list_remaining(cls, found):
        "Return a sentence by message with records"
        return [
            gettext(message, count=len(records), examples=', '.join(
                    [r.rec_name for r in records[:SHOWN]]
                    + (["…"] if len(records) > SHOWN else [])))
            for message, records in found if records]

    @classmethod
    def _find_namesakes(cls):
        "Return a party for each name that several have"
        Party = Pool().get('party.party')
        party = Party.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*party.select(
                Min(party.id),
                where=(party.active == Literal(True)) & (party.name != ''),
                group_by=Lower(party.name), having=Count(party.id) > 1))
        return Party.browse(sorted(id_ for id_, in cursor))
