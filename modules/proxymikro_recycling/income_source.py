# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is behind a row of income: origins up to the donors, money received."""
from collections import defaultdict

from sql import Literal, Null

from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import PYSONEncoder
from trytond.tools import grouped_slice
from trytond.transaction import Transaction
from trytond.wizard import StateAction, Wizard

from .income_query import bank_lines, in_, payment_lines, search_targets

SLICE = 500
# Where the records of a model are in the rows, to open those of a record
FIELDS = {
    'account.account': ['account'],
    'account.invoice': ['invoice'],
    'account.move': ['move'],
    'account.move.line': ['move_line', 'payments'],
    'account.statement': ['statement_lines.statement'],
    'account.statement.line': ['statement_lines'],
    'account.statement.origin': ['statement_lines.origin'],
    'party.party': ['party', 'donors'],
    'production': ['dismantlings'],
    'recycling.settlement': ['settlement'],
    'sale.sale': ['sale'],
    'stock.lot': ['lot', 'devices'],
    'stock.shipment.in': ['collections'],
    }
# The path from a row to what the origin of its lot is
PATHS = {
    'devices': 'lot.source_devices',
    'collections': 'lot.source_collections',
    'donors': 'lot.donors',
    'regimes': 'lot.source_collections.gift_regime',
    }


class Income(metaclass=PoolMeta):
    __name__ = 'recycling.income'

    dismantlings = fields.Function(
        fields.Many2Many('production', None, None, "Dismantling Orders"),
        'get_dismantlings', searcher='search_dismantlings')
    devices = fields.Function(
        fields.Many2Many('stock.lot', None, None, "Devices"),
        'get_sources', searcher='search_sources')
    collections = fields.Function(
        fields.Many2Many('stock.shipment.in', None, None, "Collections"),
        'get_sources', searcher='search_sources')
    donors = fields.Function(
        fields.Many2Many('party.party', None, None, "Donors"),
        'get_sources', searcher='search_sources')
    regimes = fields.Function(
        fields.Many2Many('stock.gift.regime', None, None, "Gift Regimes"),
        'get_sources', searcher='search_sources')
    payments = fields.Function(
        fields.Many2Many(
            'account.move.line', None, None, "Payments",
            help="The entry lines that paid the invoice."),
        'get_payments', searcher='search_payments')
    statement_lines = fields.Function(
        fields.Many2Many(
            'account.statement.line', None, None, "Bank Lines",
            help="The lines of the bank statements that paid the invoice."),
        'get_payments', searcher='search_payments')
    settlement = fields.Function(
        fields.Many2One(
            'recycling.settlement', "Settlement",
            help="The buyer's note that settles the invoice, or that the "
            "invoice adjusts."),
        'get_settlement', searcher='search_settlement')
    device_names = fields.Function(fields.Char("Devices"), 'get_names')
    donor_names = fields.Function(fields.Char("Donors"), 'get_names')

    @classmethod
    def get_sources(cls, rows, names):
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        Lot = pool.get('stock.lot')
        sources = Lot._source_rows({r.lot.id for r in rows if r.lot})
        regimes = {}
        for sub_ids in grouped_slice(
                {s[2] for s in sources if s[2]}, SLICE):
            for collection in Collection.browse(list(sub_ids)):
                regimes[collection.id] = collection.gift_regime.id
        found = {n: defaultdict(dict) for n in names}
        for lot, device, collection, donor, *_ in sources:
            values = {
                'devices': device, 'collections': collection,
                'donors': donor, 'regimes': regimes.get(collection)}
            for name in names:
                if values[name]:
                    found[name][lot][values[name]] = None
        return {
            n: {r.id: list(found[n][r.lot.id]) if r.lot else [] for r in rows}
            for n in names}

    @classmethod
    def search_sources(cls, name, clause):
        field, operator, value, *extra = clause
        nested = field[len(name):] or (
            '.rec_name' if isinstance(value, str) else '')
        return [(PATHS[name] + nested, operator, value, *extra)]

    @classmethod
    def get_settlement(cls, rows, name):
        Line = Pool().get('account.invoice.line')
        settlements = {}
        for sub_ids in grouped_slice(
                {r.invoice_line.id for r in rows if r.invoice_line}, SLICE):
            settlements.update(Line.get_settlement(
                    Line.browse(list(sub_ids)), 'settlement'))
        return {
            r.id: settlements[r.invoice_line.id] if r.invoice_line else None
            for r in rows}

    @classmethod
    def search_settlement(cls, name, clause):
        return [('invoice_line.' + clause[0], *clause[1:])]

    @classmethod
    def get_names(cls, rows, names):
        pool = Pool()
        targets = {
            'device_names': ('devices', pool.get('stock.lot')),
            'donor_names': ('donors', pool.get('party.party')),
            }
        result = {}
        ids = cls.get_sources(rows, [targets[n][0] for n in names])
        for name in names:
            field, Model = targets[name]
            rec_names = {}
            for sub_ids in grouped_slice(
                    {i for v in ids[field].values() for i in v}, SLICE):
                for target in Model.browse(list(sub_ids)):
                    rec_names[target.id] = target.rec_name
            result[name] = {
                row: ', '.join(rec_names[i] for i in v)
                for row, v in ids[field].items()}
        return result

    @classmethod
    def _born(cls, condition):
        "Return the query (lot, production) of the lots that came out"
        move = Pool().get('stock.move').__table__()
        return move.select(
            move.lot, move.production_output,
            where=condition(move) & (move.production_output != Null)
            & (move.state == 'done'))

    @classmethod
    def get_dismantlings(cls, rows, name):
        cursor = Transaction().connection.cursor()
        productions = defaultdict(list)
        for sub_ids in grouped_slice(
                {r.lot.id for r in rows if r.lot}, SLICE):
            ids = list(sub_ids)
            cursor.execute(*cls._born(lambda move: in_(move.lot, ids)))
            for lot, production in cursor:
                productions[lot].append(production)
        return {
            r.id: productions[r.lot.id] if r.lot else [] for r in rows}

    @classmethod
    def search_dismantlings(cls, name, clause):
        Production = Pool().get('production')
        ids, denies = search_targets(Production, name, clause)
        born = cls._born(lambda move: in_(move.production_output, ids))
        return cls._search_in(
            denies, [('lot', 'in', born.select(born.lot))])

    @classmethod
    def _paid(cls, name, condition):
        "Return the query (invoice, target) of the payments or bank lines"
        if name == 'payments':
            query = payment_lines(condition)
            return query, query.line
        query = bank_lines(condition)
        return query, query.statement_line

    @classmethod
    def get_payments(cls, rows, names):
        Line = Pool().get('account.move.line')
        line = Line.__table__()
        cursor = Transaction().connection.cursor()
        result = {}
        for name in names:
            found = defaultdict(list)
            for sub_ids in grouped_slice(
                    {r.invoice.id for r in rows if r.invoice}, SLICE):
                ids = list(sub_ids)
                query, target = cls._paid(name, lambda c: in_(c, ids))
                cursor.execute(*query.select(
                        query.invoice, target, order_by=[target]))
                for invoice, value in cursor:
                    found[invoice].append(value)
            result[name] = {
                r.id: found[r.invoice.id] if r.invoice else [] for r in rows}
        # What the bank line brought without any invoice
        direct = [
            r for r in rows if not r.invoice] if 'statement_lines' in names \
            else []
        for sub_rows in grouped_slice(direct, SLICE):
            by_line = defaultdict(list)
            for row in sub_rows:
                by_line[row.move_line.id].append(row.id)
            cursor.execute(*line.select(
                    line.id, Line.origin.sql_id(line.origin, Line),
                    where=in_(line.id, list(by_line))
                    & line.origin.like('account.statement.line,%')))
            for id_, statement_line in cursor:
                for row in by_line[id_]:
                    result['statement_lines'][row] = [statement_line]
        return result

    @classmethod
    def search_payments(cls, name, clause):
        pool = Pool()
        Line = pool.get('account.move.line')
        ids, denies = search_targets(
            getattr(cls, name).get_target(), name, clause)
        query, target = cls._paid(name, lambda column: Literal(True))
        domain = [('invoice', 'in', query.select(
                    query.invoice, where=in_(target, ids)))]
        if name == 'statement_lines':
            line = Line.__table__()
            domain = ['OR', domain, ('move_line', 'in', line.select(
                        line.id,
                        where=line.origin.like('account.statement.line,%')
                        & in_(Line.origin.sql_id(line.origin, Line), ids)))]
        return cls._search_in(denies, domain)

    @classmethod
    def _search_in(cls, denies, domain):
        if not denies:
            return domain
        return [('id', 'not in', [r.id for r in cls.search(domain)])]


class OpenIncome(Wizard):
    __name__ = 'recycling.income.open'

    start_state = 'open_'
    open_ = StateAction('proxymikro_recycling.act_income_relate')

    def do_open_(self, action):
        ids = list(map(int, self.records))
        names = FIELDS[self.model.__name__]
        action['pyson_domain'] = PYSONEncoder().encode(
            ['OR', *([(name, 'in', ids)] for name in names)])
        action['name'] += ' (%s)' % ', '.join(
            r.rec_name for r in self.records[:5])
        return action, {}
