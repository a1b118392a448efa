# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Take over the loans that were running before: what schools already have."""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import fields
from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_base.import_batch import RowPlan
from trytond.modules.proxymikro_base.importer import (
    are_rows, near, normalize, show)
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

from . import loan_row
from .exceptions import LoanImportError
from .hardware_value import normalize as normalize_serial
from .loan_row import LABELS

MAX_BATCH = 500


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def get_kinds(cls):
        return super().get_kinds() + [
            ('loans', gettext('proxymikro_stock.msg_import_kind_loans'))]

    @classmethod
    def get_targets(cls):
        IrModel = Pool().get('ir.model')
        return super().get_targets() + [
            ('company.company', IrModel.get_name('company.company'))]


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    take_over = fields.Boolean(
        "Taken Over", readonly=True,
        help="The devices were already at the borrower's "
        "when the register was opened.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__['import_loans'] = RPC(readonly=False)

    @classmethod
    def check_modification(cls, mode, loans, values=None, external=False):
        super().check_modification(
            mode, loans, values=values, external=external)
        if external and (
                mode == 'write' and 'take_over' in values
                or mode == 'create' and any(l.take_over for l in loans)):
            raise AccessError(gettext(
                    'proxymikro_stock.msg_loan_take_over',
                    loan=loans[0].rec_name))

    @classmethod
    def copy(cls, loans, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('take_over', None)
        return super().copy(loans, default=default)

    @classmethod
    def import_loans(cls, rows, source, handled=0, dry_run=False):
        """Lend the devices of the rows as they already are, or none of them.

        A row is a dictionary of line and texts (by name of column). The
        source describes the file and handled is the number of its rows sent
        until now, these included.

        Return the numbers of rows created and unchanged, and the errors by
        line and column: if there is one, nothing was written.
        """
        pool = Pool()
        Batch = pool.get('import.batch')
        Company = pool.get('company.company')
        source = Batch.check_source(source)
        cls._check_import(rows, handled)
        plan = LoanPlan(rows, lock=not dry_run)
        if not dry_run:
            if plan.errors:
                handled, plan.lines, plan.unchanged = 0, [], 0
            else:
                plan.apply()
            Batch.record(
                'loans', Company(Transaction().context['company']), source,
                handled, created=len(plan.lines), errors=plan.errors)
        return plan.get_result()

    @classmethod
    def _check_import(cls, rows, handled):
        pool = Pool()
        Button = pool.get('ir.model.button')
        User = pool.get('res.user')
        transaction = Transaction()
        if transaction.check_access:
            pool.get('ir.model.access').check(cls.__name__, 'create')
            groups = Button.get_groups(cls.__name__, 'deliver')
            if not groups & set(User.get_groups()):
                raise AccessError(gettext(
                        'proxymikro_stock.msg_import_loans_access'))
        if (not are_rows(rows, handled, LABELS, MAX_BATCH)
                or transaction.context.get('company') is None):
            raise LoanImportError(gettext(
                    'proxymikro_stock.msg_import_loans_rows',
                    count=MAX_BATCH))


class LoanPlan(RowPlan):
    "What rows would do"
    row_module = loan_row

    def __init__(self, rows, lock=False):
        self.errors, self.lines, self.unchanged = [], [], 0
        self.taken = set()
        with without_check_access():
            rows = self._parse(rows)
            self._search_lots(rows, lock)
            self._search_parties(rows)
            for row in rows:
                self._add(row)

    def _search_lots(self, rows, lock):
        pool = Pool()
        Line = pool.get('stock.loan.line')
        Lot = pool.get('stock.lot')
        numbers, serials = set(), set()
        for row in rows:
            numbers.add(row.values['number'])
            if serial := row.values['serial_number']:
                serials.update([serial, serial.upper(), serial.lower()])
        domain = ['OR',
            ('number', 'in', list(numbers - {None})),
            ('serial_number', 'in', list(serials)),
            ]
        with Transaction().set_context(active_test=False):
            cards = Lot.search([
                    ('device', '=', True),
                    ['OR', ('active', '=', True), ('alias_of', '!=', None)],
                    domain], order=[])
        kept = Lot.follow(cards)
        lots = sorted(set(kept.values()), key=int)
        if lock:
            # Two imports at once wait for each other, device by device
            Lot.write(lots, {})
            lots = Lot.browse(lots)
        lots = {l.id: l for l in lots}
        self.by_number, self.by_serial = {}, defaultdict(set)
        for card in cards:
            lot = lots[kept[card].id]
            self.by_number[card.number] = lot
            if serial := normalize_serial(card.serial_number):
                self.by_serial[serial].add(lot)
        self.open = {n.open_device: n for n in Line.search(
                [('open_device', 'in', list(lots))])}

    def _search_parties(self, rows):
        Party = Pool().get('party.party')
        texts = {
            row.values[n] for row in rows for n in ['borrower', 'place']}
        texts = list(texts - {None})
        self.parties = defaultdict(set)
        for party in Party.search(['OR',
                    ('name', 'in', texts),
                    ('code', 'in', texts),
                    ('identifiers.code', 'in', texts),
                    ]):
            for key in [party.name, party.code] + [
                    i.code for i in party.identifiers]:
                self.parties[key].add(party)

    def _get_lot(self, row):
        number, serial = row.values['number'], row.values['serial_number']
        lots = {self.by_number.get(number)} if number else (
            self.by_serial.get(normalize_serial(serial), set()))
        lots = list(lots - {None})
        if len(lots) == 1:
            return lots[0]
        key = 'ambiguous' if len(lots) > 1 else 'unknown'
        self._error(
            row, 'number' if number else 'serial_number',
            f'proxymikro_stock.msg_import_loans_{key}',
            value=show(number or serial))

    def _get_party(self, row, name):
        if not (text := row.values[name]):
            return None
        parties = self.parties.get(text, set())
        if len(parties) == 1:
            party, = parties
            return party
        if parties:
            self._error(
                row, name, 'proxymikro_stock.msg_import_loans_parties',
                value=show(text))
        else:
            self._error(
                row, name, 'proxymikro_stock.msg_import_loans_party',
                value=show(text), near=', '.join(self._near(text)) or '–')

    def _near(self, text):
        if not hasattr(self, 'names'):
            Party = Pool().get('party.party')
            self.names = [p.name for p in Party.search([]) if p.name]
        return near(normalize(text), self.names)

    def _add(self, row):
        errors = len(self.errors)
        lot = self._get_lot(row)
        borrower = self._get_party(row, 'borrower')
        place = self._get_party(row, 'place')
        if lot and lot in self.taken:
            self._error(
                row, 'number', 'proxymikro_stock.msg_import_devices_row_twice')
        self.taken.add(lot)
        if len(self.errors) > errors:
            return
        if line := self.open.get(lot):
            if (line.loan.borrower == borrower
                    and line.lent_on == row.values['lent_on']):
                self.unchanged += 1
            else:
                self._error(
                    row, 'borrower', 'proxymikro_stock.msg_import_loans_lent',
                    lot=lot.rec_name, loan=line.loan.rec_name)
            return
        regime = lot.gift_regime
        if (lot.stage != 'reception' or lot.current_move.lot_rank != 1
                or not regime or regime.kind != 'unknown'):
            self._error(
                row, 'number', 'proxymikro_stock.msg_import_loans_place',
                lot=lot.rec_name)
            return
        self.lines.append((row, lot, borrower, place))

    @without_check_access
    def apply(self):
        pool = Pool()
        Line = pool.get('stock.loan.line')
        Loan = pool.get('stock.loan')
        loans, lines = {}, []
        for row, lot, borrower, place in self.lines:
            values = row.values
            key = borrower, place, values['lent_on'], values['end_date']
            if key not in loans:
                loans[key] = Loan(
                    borrower=borrower, place=place, take_over=True,
                    start_date=values['lent_on'],
                    delivered_on=values['lent_on'],
                    end_date=values['end_date'])
            lines.append(Line(
                    lot=lot, lent_on=values['lent_on'],
                    condition_out=values['condition_out']))
            lines[-1].loan = loans[key]
        Loan.save(list(loans.values()))
        Loan.set_number(list(loans.values()))
        for line in lines:
            line.loan = line.loan.id
        Line.save(lines)
        self._move(lines)
        Loan.write(list(loans.values()), {'state': 'running'})

    def _move(self, lines):
        "Bring the devices where they already are"
        pool = Pool()
        Line = pool.get('stock.loan.line')
        Location = pool.get('stock.location')
        Move = pool.get('stock.move')
        places = {}
        for line in lines:
            loan, lot = line.loan, line.lot
            if loan not in places:
                places[loan] = Location.get_borrower_location(
                    loan.borrower, loan.location_party, loan.company)
            # Not before the register knows of it
            date = max(line.lent_on, lot.current_move.effective_date)
            line.move_out = line._get_move(lot.location, places[loan], date)
            line.open_device = lot
        Move.save([n.move_out for n in lines])
        Move.do([n.move_out for n in lines])
        Line.save(lines)

    def get_result(self):
        return {
            'created': len(self.lines),
            'unchanged': self.unchanged,
            'errors': sorted(
                self.errors, key=lambda e: (e['line'], e['column'])),
            }
