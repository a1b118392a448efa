# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Bring in the settlements that the buyers send, as drafts.

The buyer and the number of the note make the settlement, and what the file
says of an invoiced line is all that is said of it: the same file read twice
changes nothing, and a corrected one corrects what is still a draft. To make a
settlement final stays the act of a person.
"""
from collections import defaultdict
from contextlib import contextmanager

from trytond.i18n import gettext
from trytond.modules.product import round_price
from trytond.modules.proxymikro_base.import_batch import RowPlan
from trytond.modules.proxymikro_base.importer import are_rows
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

from . import settlement_row
from .exceptions import SettlementImportError
from .settlement_lookup import RowProblem, SettlementLookup
from .settlement_row import DEDUCTIONS, LABELS

MAX_BATCH = 500


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def get_kinds(cls):
        return super().get_kinds() + [(
                'settlements',
                gettext('proxymikro_recycling.msg_import_settlements'))]


class Settlement(metaclass=PoolMeta):
    __name__ = 'recycling.settlement'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__['import_settlements'] = RPC(readonly=False)

    @classmethod
    def import_settlements(cls, rows, source, handled=0, dry_run=False):
        """Write the draft settlements of the rows.

        The arguments are those of the other imports; all the rows of a
        settlement come in one call.

        Return the numbers of lines created, updated, removed and unchanged,
        and the errors by line and column: if there is one, nothing was
        written.
        """
        pool = Pool()
        Batch = pool.get('import.batch')
        Company = pool.get('company.company')
        source = Batch.check_source(source)
        cls._check_import_settlements(rows, handled)
        plan = SettlementPlan(rows, lock=not dry_run)
        if not dry_run and not plan.errors:
            plan.apply()
            Batch.record(
                'settlements', Company(Transaction().context['company']),
                source, handled, created=plan.counts['created'],
                updated=plan.counts['updated'])
        return plan.get_result()

    @classmethod
    def _check_import_settlements(cls, rows, handled):
        Access = Pool().get('ir.model.access')
        transaction = Transaction()
        if transaction.check_access:
            for mode in ['create', 'write']:
                Access.check(cls.__name__, mode)
        if (not are_rows(rows, handled, LABELS, MAX_BATCH)
                or transaction.context.get('company') is None):
            raise SettlementImportError(gettext(
                    'proxymikro_recycling.msg_import_settlements_rows',
                    count=MAX_BATCH))


class SettlementPlan(RowPlan):
    "What rows would do"
    row_module = settlement_row

    def __init__(self, rows, lock=False):
        self.errors, self.settlements = [], []
        self.lines, self.removed = [], []
        self.counts = dict.fromkeys(
            ['created', 'updated', 'removed', 'unchanged'], 0)
        with without_check_access():
            rows = self._parse(rows)
            self.lookup = SettlementLookup(rows, lock)
            by_settlement = defaultdict(list)
            for row in rows:
                with self._catch():
                    buyer = self.lookup.get_buyer(row)
                    by_settlement[buyer, row.reference].append(row)
            for (buyer, reference), s_rows in by_settlement.items():
                self._add(buyer, reference, s_rows)

    @contextmanager
    def _catch(self):
        "Keep the problem of a row among the errors"
        try:
            yield
        except RowProblem as problem:
            self._error(*problem.args, **problem.values)

    def _add(self, buyer, reference, rows):
        "Plan the settlement of the rows"
        Settlement = Pool().get('recycling.settlement')
        settlement = self.lookup.settlements.get((buyer, reference))
        if not settlement:
            settlement = Settlement(
                company=self.lookup.company, party=buyer, reference=reference,
                date=rows[0].date, state='draft', lines=[])
            self.lookup.settlements[buyer, reference] = settlement
        count = len(self.errors)
        wanted = self._get_lines(settlement, buyer, rows)
        if len(self.errors) > count:
            return
        changed = settlement.date != rows[0].date
        settlement.date = rows[0].date
        differs = [
            self._compare(settlement, invoice_line, lines, changed)
            for invoice_line, lines in wanted.items()]
        if not any(differs):
            return
        self.settlements.append(settlement)
        if settlement.state != 'draft':
            with self._catch():
                raise RowProblem(
                    rows[0], 'reference', 'state',
                    settlement=settlement.rec_name)

    def _get_lines(self, settlement, buyer, rows):
        "Return the values of the lines of the rows, by invoiced line"
        targets = defaultdict(list)
        for row in rows:
            with self._catch():
                if row.date != rows[0].date:
                    raise RowProblem(
                        row, 'date', 'date', line=rows[0].line,
                        settlement=row.reference)
                grade = self.lookup.get_grade(row)
                invoice_line, lot = self.lookup.get_line(
                    row, buyer, settlement, grade)
                self.lookup.holders[invoice_line] = settlement
                if len(self.lookup.lots[invoice_line]) == 1:
                    lot = None
                values = self._get_values(row, invoice_line, lot, grade)
                targets[invoice_line].append((row, values))
        result = {}
        for invoice_line, pairs in targets.items():
            with self._catch():
                self._share(invoice_line, pairs)
            result[invoice_line] = [values for _, values in pairs]
        return result

    def _get_values(self, row, invoice_line, lot, grade):
        "Return what the buyer says in the unit of the invoice"
        pool = Pool()
        Line = pool.get('recycling.settlement.line')
        Uom = pool.get('product.uom')
        unit = invoice_line.unit
        said, column = _unit('uom_kilogram'), 'weight'
        if unit.category != said.category:
            said, column = _unit('uom_unit'), 'pieces'
        names = {
            'line': invoice_line.rec_name, 'unit': unit.rec_name}
        if getattr(row, column) is None:
            raise RowProblem(row, column, 'quantity', **names)
        price_unit = _unit(row.unit) if row.unit else unit
        if price_unit.category != unit.category:
            raise RowProblem(row, 'unit', 'unit', **names)
        quantity = round(Uom.compute_qty(
                said, float(getattr(row, column)), unit, round=False), 9)
        if unit.round(quantity) != quantity:
            raise RowProblem(
                row, column, 'decimals', decimals=unit.digits, **names)
        ours = Line._from_invoice(invoice_line, lot)['grade']
        return {
            'lot': lot,
            'grade': ours,
            'buyer_grade': grade or ours,
            'buyer_quantity': quantity,
            'buyer_price': round_price(
                Uom.compute_price(price_unit, row.price, unit)),
            'deductions': _get_deductions(row),
            }

    def _share(self, invoice_line, pairs):
        """Share what was invoiced of a lot between the rows that say it.

        A lot that the buyer sorted is shared as it weighed its parts.
        """
        Uom = Pool().get('product.uom')
        unit = invoice_line.unit
        by_lot, left = defaultdict(list), invoice_line.quantity
        for pair in pairs:
            by_lot[pair[1]['lot']].append(pair)
        quantities = {}
        for lot in filter(None, by_lot):
            quantities[lot] = sum(
                Uom.compute_qty(m.unit, m.quantity, unit)
                for m in invoice_line.stock_moves if m.lot == lot)
            left -= quantities[lot]
        quantities[None] = round(left, 6)
        for lot, l_pairs in by_lot.items():
            self._share_lot(invoice_line, quantities[lot], l_pairs)

    def _share_lot(self, invoice_line, quantity, pairs):
        weighed = sum(v['buyer_quantity'] for _, v in pairs)
        left, seen = quantity, {}
        for row, values in pairs[:-1]:
            values['quantity'] = invoice_line.unit.round(
                quantity * values['buyer_quantity'] / (weighed or 1))
            left = round(left - values['quantity'], 6)
        # The last one takes what is left
        pairs[-1][1]['quantity'] = left
        for row, values in pairs:
            if values['quantity'] <= 0:
                raise RowProblem(
                    row, 'lot' if row.lot else 'document', 'share',
                    line=invoice_line.rec_name)
            first = seen.setdefault(values['buyer_grade'], row)
            if first is not row:
                raise RowProblem(
                    row, 'grade', 'twice', line=first.line,
                    value=invoice_line.rec_name)

    def _compare(self, settlement, invoice_line, wanted, changed):
        """Plan what makes of the lines of the settlement those of the file.

        Return whether there is anything to do.
        """
        Line = Pool().get('recycling.settlement.line')
        known = [
            l for l in settlement.lines if l.invoice_line == invoice_line]
        by_key = {(l.lot, l.buyer_grade): l for l in known}
        found = [
            by_key.pop((v['lot'], v['buyer_grade']), None) for v in wanted]
        free = [l for l in known if l in by_key.values()]
        lines = []
        for values, line in zip(wanted, found):
            if not line and free:
                line = free.pop(0)
            if line and not changed and _read(line) == values:
                self.counts['unchanged'] += 1
                continue
            self.counts['updated' if line else 'created'] += 1
            line = line or Line(invoice_line=invoice_line)
            lines.append((settlement, line, values))
        self.lines.extend(lines)
        self.removed.extend(free)
        self.counts['removed'] += len(free)
        return lines or free

    @without_check_access
    def apply(self):
        pool = Pool()
        Deduction = pool.get('recycling.settlement.deduction')
        Line = pool.get('recycling.settlement.line')
        Settlement = pool.get('recycling.settlement')
        Line.delete(self.removed)
        Settlement.save(self.settlements)
        lines = []
        for settlement, line, values in self.lines:
            line.settlement = settlement.id
            for name, value in values.items():
                if name != 'deductions':
                    setattr(line, name, value)
            line.deductions = [
                Deduction(kind=kind, amount=amount, reason=reason or None)
                for kind, amount, reason in values['deductions']]
            line.on_change_quantity()
            lines.append(line)
        Line.save(lines)

    def get_result(self):
        return {
            **{n: 0 if self.errors else c for n, c in self.counts.items()},
            'errors': sorted(
                self.errors, key=lambda e: (e['line'], e['column'])),
            }


def _unit(name):
    pool = Pool()
    return pool.get('product.uom')(
        pool.get('ir.model.data').get_id('product', name))


def _get_deductions(row):
    "Return what the buyer deducts; the reason is first that of the others"
    kinds = [k for k, _ in row.deductions]
    explained = {'other'} if 'other' in kinds else set(DEDUCTIONS)
    return sorted(
        (kind, amount, row.reason if kind in explained else '')
        for kind, amount in row.deductions)


def _read(line):
    "Return what the line says, as a row does"
    return {
        **{n: getattr(line, n) for n in [
                'lot', 'grade', 'buyer_grade', 'buyer_quantity',
                'buyer_price', 'quantity']},
        'deductions': sorted(
            (d.kind, d.amount, d.reason or '') for d in line.deductions),
        }
