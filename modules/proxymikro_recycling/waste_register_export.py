# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The file of the register that is uploaded by hand to the State's site.

A line goes out once. Of several lines of a shipment that were not given yet,
the last one goes alone; it says MODIFIER or ANNULER only if the State has
received one before, for it ignores the reason of what it does not know.
"""
import datetime as dt
import json

from dateutil.relativedelta import relativedelta
from sql import Null
from sql.operators import Exists

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

from .exceptions import WasteRegisterError
from .waste_register_check import find_problems
from .waste_register_column import COLUMNS
from .waste_register_value import get_values

SLICE = 1000
# The sentences that an error shows
SHOWN = 20
REASONS = {'new': '', 'modify': 'MODIFIER', 'cancel': 'ANNULER'}


class WasteRegisterExport(ModelSQL, ModelView):
    __name__ = 'waste.register.export'

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    date = fields.DateTime("Exported At", required=True, readonly=True)
    user = fields.Many2One(
        'res.user', "Exported By", required=True, readonly=True,
        ondelete='RESTRICT')
    count = fields.Integer(
        "Lines in the File", required=True, readonly=True,
        help="The lines that the State receives: of several lines "
        "of a shipment only the last one.")
    lines = fields.One2Many(
        'waste.register', 'export', "Lines", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls.__rpc__.update({
                'prepare': RPC(readonly=False),
                'find_problems': RPC(),
                'read_rows': RPC(),
                'get_count': RPC(),
                })

    def get_rec_name(self, name):
        return Pool().get('ir.lang').get().strftime(self.date, '%x %H:%M')

    @classmethod
    def check_modification(cls, mode, exports, values=None, external=False):
        super().check_modification(
            mode, exports, values=values, external=external)
        if external or mode != 'create':
            action = {'create': 'by_hand', 'write': 'modify'}.get(mode, mode)
            for export in exports:
                Pool().get('waste.register')._raise_sealed(action, export)

    @classmethod
    def copy(cls, exports, default=None):
        return []

    @classmethod
    def prepare(cls):
        """Take all that was not exported yet and return what was taken.

        Nothing is taken while the State would refuse a line.
        """
        Pool().get('ir.model.access').check(cls.__name__, 'create')
        with without_check_access():
            cls._serialise()
            cls._complete()
            if problems := cls.find_problems():
                raise WasteRegisterError('\n'.join(problems))
            Pool().get('evidence.seal').seal()
            return cls._take()

    @classmethod
    def _serialise(cls):
        "Make the second of two exports wait, then find nothing left"
        table = Pool().get('ir.model').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.update(
                [table.name], [table.name], where=table.name == cls.__name__))

    @classmethod
    def _complete(cls):
        "Declare again the shipments that were not complete when they left"
        Register = Pool().get('waste.register')
        lines = Register.browse([id_ for id_, _ in cls._refused_lines()])
        Register.declare(
            list(dict.fromkeys(
                    l.shipment for l in lines if not l.shipment.correcting)),
            note=gettext('proxymikro_recycling.msg_waste_register_completed'))

    @classmethod
    def _get_checker(cls):
        "Return the function that finds what the State would refuse today"
        pool = Pool()
        today = pool.get('ir.date').today()
        limit = pool.get('waste.limit').get_limit('declaration', today)
        first = (
            today - relativedelta(months=int(limit.amount)) if limit
            else dt.date.min)
        return lambda values: list(find_problems(values, today, first))

    @classmethod
    def _refused_lines(cls):
        "Yield the lines that the State would refuse, with their texts"
        check = cls._get_checker()
        for rows in cls._slices():
            yield from (r for r in rows if check(r[1]))

    @classmethod
    def find_problems(cls):
        """Return the sentences that say what the State would refuse.

        What was filled since a shipment left is no longer missing.
        """
        pool = Pool()
        Register = pool.get('waste.register')
        pool.get('ir.model.access').check(Register.__name__, 'read')
        check = cls._get_checker()
        sentences = {}
        with without_check_access():
            for id_, values in cls._refused_lines():
                shipment = Register(id_).shipment
                if not shipment.correcting:
                    values = get_values(shipment)
                for key, missing in check(values):
                    sentences[
                        shipment.describe_gap(key, missing, values)] = None
                if len(sentences) > SHOWN:
                    break
        sentences = list(sentences)
        if len(sentences) > SHOWN:
            sentences[SHOWN:] = ["…"]
        return sentences

    @classmethod
    def _take(cls):
        count = sum(len(rows) for rows in cls._slices())
        if not count:
            raise WasteRegisterError(gettext(
                    'proxymikro_recycling.msg_waste_register_nothing'))
        export = cls(
            company=Transaction().context.get('company'),
            date=dt.datetime.now().replace(microsecond=0),
            user=Transaction().user, count=count)
        export.save()
        table = Pool().get('waste.register').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.update(
                [table.export], [export.id],
                where=(table.export == Null)
                & (table.company == export.company.id)))
        return {'id': export.id, 'count': count}

    @classmethod
    def get_count(cls):
        "Return how many lines wait to be exported"
        Pool().get('ir.model.access').check('waste.register', 'read')
        return sum(len(rows) for rows in cls._slices())

    @classmethod
    def _slices(cls, export=None):
        after = 0
        while rows := cls._read(export, after, SLICE):
            yield rows
            after = rows[-1][0]

    @classmethod
    def read_rows(cls, export, after=0, limit=SLICE):
        """Return the next lines of the file and the identifier of the last.

        So that whoever writes the file holds no more than a slice of it.
        """
        cls.read([export], ['id'])  # checks the rights
        rows = cls._read(export, after, min(limit, SLICE))
        return {
            'rows': [
                [values.get(key, '') for key in COLUMNS]
                for _, values in rows],
            'after': rows[-1][0] if rows else None,
            }

    @classmethod
    def _read(cls, export, after, limit):
        "Return the next lines of the file: identifier, texts by column"
        cursor = Transaction().connection.cursor()
        cursor.execute(*cls._get_query(export, after, limit))
        result = []
        for id_, declaration, reason, known in cursor:
            values = json.loads(declaration)
            if known:
                values['reason'] = REASONS[reason]
            result.append((id_, values))
        return result

    @classmethod
    def _get_query(cls, export, after, limit):
        Register = Pool().get('waste.register')
        table, later, before = (Register.__table__() for _ in range(3))
        company = Transaction().context.get('company')

        def is_in(line):
            return line.export == (Null if export is None else export)
        known = Exists(before.select(
                before.id,
                where=(before.shipment == table.shipment)
                & (before.export != Null)
                & ((before.export < export) if export is not None
                    else (before.version < table.version))))
        last = ~Exists(later.select(
                later.id,
                where=(later.shipment == table.shipment)
                & (later.version > table.version) & is_in(later)))
        return table.select(
            table.id, table.declaration, table.reason, known.as_('known'),
            where=is_in(table) & (table.company == company)
            & (table.id > after) & last
            & ((table.reason != 'cancel') | known),
            order_by=[table.id], limit=limit)
