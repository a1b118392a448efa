# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Bring in the list that a buyer sends.

The buyer and the day make the list, the grade makes its line: the same file
read twice changes nothing, and a corrected one corrects.
"""
import datetime as dt

from trytond.i18n import gettext
from trytond.modules.proxymikro_base.import_batch import RowPlan
from trytond.modules.proxymikro_base.importer import (
    are_rows, near, normalize, show)
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

from . import price_row
from .exceptions import PriceImportError
from .price_row import LABELS

MAX_BATCH = 500


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def get_kinds(cls):
        return super().get_kinds() + [
            ('prices', gettext('proxymikro_recycling.msg_import_prices'))]

    @classmethod
    def get_targets(cls):
        IrModel = Pool().get('ir.model')
        name = 'recycling.price.list'
        return super().get_targets() + [(name, IrModel.get_name(name))]


class PriceList(metaclass=PoolMeta):
    __name__ = 'recycling.price.list'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__['import_prices'] = RPC(readonly=False)

    @classmethod
    def import_prices(
            cls, buyer, start_date, rows, source, handled=0, dry_run=False):
        """Set the prices of the rows on the buyer's list of the date.

        The buyer is a code or a name; the other arguments are those of the
        other imports.

        Return the numbers of lines created, updated and unchanged, and the
        errors by line and column: if there is one, nothing was written.
        """
        pool = Pool()
        Batch = pool.get('import.batch')
        Party = pool.get('party.party')
        source = Batch.check_source(source)
        cls._check_import_prices(start_date, rows, handled)
        buyer = cls._get_import_buyer(buyer)
        if not dry_run:
            # Two imports at once wait for each other
            with without_check_access():
                Party.write([buyer], {})
        list_ = cls._get_import_list(buyer, start_date)
        plan = PricePlan(list_, rows)
        if not dry_run and not plan.errors:
            plan.apply()
            Batch.record(
                'prices', list_, source, handled, created=plan.created,
                updated=plan.updated)
        return plan.get_result()

    @classmethod
    def _check_import_prices(cls, start_date, rows, handled):
        Access = Pool().get('ir.model.access')
        transaction = Transaction()
        if transaction.check_access:
            for mode in ['create', 'write']:
                Access.check(cls.__name__, mode)
        if (not are_rows(rows, handled, LABELS, MAX_BATCH)
                or type(start_date) is not dt.date
                or transaction.context.get('company') is None):
            raise PriceImportError(gettext(
                    'proxymikro_recycling.msg_import_prices_rows',
                    count=MAX_BATCH))

    @classmethod
    @without_check_access
    def _get_import_buyer(cls, buyer):
        Party = Pool().get('party.party')
        parties = (
            Party.search([('code', '=', str(buyer))])
            or Party.search([('name', 'ilike', str(buyer))], limit=2))
        if len(parties) != 1:
            names = [p['name'] for p in Party.search_read(
                    [], fields_names=['name']) if p['name']]
            raise PriceImportError(gettext(
                    'proxymikro_recycling.msg_import_prices_buyer',
                    buyer=show(buyer),
                    near=", ".join(near(str(buyer), names)) or '-'))
        return parties[0]

    @classmethod
    @without_check_access
    def _get_import_list(cls, buyer, start_date):
        "Return the list of the buyer that starts on the date, maybe not saved"
        company = Transaction().context['company']
        lists = cls.search([
                ('buyer', '=', buyer.id),
                ('company', '=', company),
                ('start_date', '=', start_date),
                ])
        return lists[0] if lists else cls(
            buyer=buyer, company=company, start_date=start_date, lines=[])


class PricePlan(RowPlan):
    "What rows would do to a list"
    row_module = price_row

    def __init__(self, list_, rows):
        self.list = list_
        self.errors, self.lines = [], []
        self.created = self.updated = self.unchanged = 0
        with without_check_access():
            rows = self._parse(rows)
            self._search_grades()
            self.known = {l.grade: l for l in list_.lines}
            self.seen = set()
            for row in rows:
                if grade := self._get_grade(row):
                    self._add(row, grade)

    def _search_grades(self):
        "Find the grades by what people may write for them"
        Grade = Pool().get('recycling.grade')
        grades = Grade.search([])
        self.codes = [g.code for g in grades]
        self.grades = {normalize(g.name): g for g in grades}
        self.grades.update((normalize(g.code), g) for g in grades)

    def _get_grade(self, row):
        grade = self.grades.get(normalize(row.grade))
        if not grade:
            names = {
                self.grades[normalize(n)].code: None
                for n in near(row.grade, self.grades)}
            self._error(
                row, 'grade', 'proxymikro_base.msg_import_value_choice',
                value=show(row.grade), near=", ".join(names or self.codes))
        elif grade in self.seen:
            self._error(
                row, 'grade', 'proxymikro_recycling.msg_import_prices_twice',
                grade=grade.rec_name)
            return None
        self.seen.add(grade)
        return grade

    def _add(self, row, grade):
        pool = Pool()
        Line = pool.get('recycling.price.list.line')
        ModelData = pool.get('ir.model.data')
        unit = grade.unit
        if row.unit:
            unit = pool.get('product.uom')(
                ModelData.get_id('product', row.unit))
        line = self.known.get(grade)
        if not line:
            line = Line(grade=grade)
            self.created += 1
        elif (line.price, line.unit) != (row.price, unit):
            self.updated += 1
        else:
            self.unchanged += 1
            return
        line.price, line.unit = row.price, unit
        self.lines.append(line)

    @without_check_access
    def apply(self):
        pool = Pool()
        Line = pool.get('recycling.price.list.line')
        if not self.list.id:
            self.list.save()
        for line in self.lines:
            line.list = self.list
        Line.save(self.lines)

    def get_result(self):
        counts = ['created', 'updated', 'unchanged']
        return {
            **{n: 0 if self.errors else getattr(self, n) for n in counts},
            'errors': sorted(
                self.errors, key=lambda e: (e['line'], e['column'])),
            }
