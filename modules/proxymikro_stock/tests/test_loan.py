# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rules of the loans that their scenario does not tell."""
import datetime as dt

from trytond.modules.proxymikro_base.exceptions import MailServerError
from trytond.modules.proxymikro_base.tests.tools import outbox
from trytond.modules.proxymikro_stock.exceptions import (
    LoanAccessError, LoanDateError, LoanMailError, LoanPlaceError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction, check_access

from .fleet import with_company

TODAY = dt.date.today()


def lent(fleet, borrower, lot):
    "Lend a new screen, tested long ago"
    Loan = Pool().get('stock.loan')
    loan, = Loan.create([{
                'company': fleet.company.id, 'borrower': borrower.id,
                'start_date': TODAY, 'end_date': TODAY,
                'lines': [('create', [{'lot': lot.id}])]}])
    Loan.reserve([loan])
    Loan.deliver([loan])
    return Loan(loan.id)


def ready(fleet):
    "Return a screen on the shelf, tested"
    pool = Pool()
    lot = fleet.lot()
    fleet.do(lot, 'supplier', 'input')
    party, = pool.get('party.party').create([{'name': "Camille"}])
    employee, = pool.get('company.employee').create([{
                'company': fleet.company.id, 'party': party.id}])
    Test = pool.get('device.test')
    test, = Test.create([{
                'lot': lot.id, 'result': 'passed',
                'employee': employee.id}])
    Test.pass_([test])
    Test.do([test])
    fleet.do(lot, 'input', 'ready')
    return fleet.Lot(lot.id)


class LoanTestCase(TestCase):
    "Test the loans"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def parties(self, *names):
        return Pool().get('party.party').create([{'name': n} for n in names])

    @with_company
    def test_scan(self, fleet):
        "Each label of a device adds it once to a draft loan"
        Loan = Pool().get('stock.loan')
        lot, other = fleet.lot(), fleet.lot()
        lot.serial_number = other.serial_number = "SAME"
        fleet.Lot.save([lot, other])
        loan = Loan(state='draft')
        for code in ["unknown", "", "SAME", f' {lot.number} ', lot.number,
                f'https://example.org/d/{lot.token}',
                f'http://localhost/d/{other.token}/']:
            loan.on_scan_code(code)
        self.assertEqual([n.lot for n in loan.lines], [lot, other])

        loan.state = 'running'
        loan.on_scan_code(ready(fleet).number)
        self.assertEqual(len(loan.lines), 2)

    @with_company
    def test_scan_return(self, fleet):
        "The label of a device that comes back checks it, and no other"
        pool = Pool()
        Start = pool.get('stock.loan.return.start')
        Line = pool.get('stock.loan.return.line')
        lot, other = fleet.lot(), fleet.lot()
        start = Start(lines=[
                Line(lot=l, returned=False) for l in [lot, other]])
        start.on_scan_code(other.number)
        self.assertEqual([n.returned for n in start.lines], [False, True])
        start.on_scan_code(lot.number)
        self.assertEqual([n.returned for n in start.lines], [True, True])

    @with_company
    def test_same_device_twice(self, fleet):
        "A loan does not lend a device twice"
        Loan = Pool().get('stock.loan')
        lot = ready(fleet)
        school, = self.parties("School")
        loan, = Loan.create([{
                    'company': fleet.company.id, 'borrower': school.id,
                    'start_date': TODAY, 'end_date': TODAY,
                    'lines': [('create', [{'lot': lot.id}] * 2)]}])
        with self.assertRaises(LoanDateError):
            Loan.reserve([loan])

    @with_company
    def test_add_by_hand(self, fleet):
        "A line is not added to what was agreed"
        Line = Pool().get('stock.loan.line')
        school, = self.parties("School")
        loan = lent(fleet, school, ready(fleet))
        with self.assertRaises(LoanAccessError), check_access():
            Line.create([{'loan': loan.id, 'lot': fleet.lot().id}])

    @with_company
    def test_waive_by_hand(self, fleet):
        "Nobody gives the right but by the button, which keeps the reason"
        Loan = Pool().get('stock.loan')
        school, = self.parties("School")
        values = {
            'company': fleet.company.id, 'borrower': school.id,
            'start_date': TODAY, 'end_date': TODAY}
        loan, = Loan.create([values])
        with check_access():
            with self.assertRaises(LoanAccessError):
                Loan.write([loan], {'right_waived': True})
            with self.assertRaises(LoanAccessError):
                Loan.create([{**values, 'right_waived': True}])

    @with_company
    def test_waived_until_draft(self, fleet):
        "The right is given for what was agreed, not for what changes then"
        Loan = Pool().get('stock.loan')
        school, = self.parties("School")
        loan, = Loan.create([{
                    'company': fleet.company.id, 'borrower': school.id,
                    'start_date': TODAY, 'end_date': TODAY,
                    'lines': [('create', [{'lot': ready(fleet).id}])]}])
        Loan.waive([loan], "Because")
        loan = Loan(loan.id)
        self.assertEqual((loan.state, loan.right_waived), ('reserved', True))
        Loan.draft([loan])
        self.assertFalse(Loan(loan.id).right_waived)

    @with_company
    def test_scan_lend(self, fleet):
        "The labels of what is ready are read once, the others refused"
        Start = Pool().get('stock.loan.lend.start')
        lot = ready(fleet)
        start = Start(devices=[])
        start.on_scan_code(lot.number)
        start.on_scan_code(lot.number)
        self.assertEqual(list(start.devices), [lot])
        for code in ["unknown", fleet.lot().number]:
            with self.assertRaises(LoanPlaceError):
                start.on_scan_code(code)

    @with_company
    def test_scan_return_any(self, fleet):
        "A label finds the loan, but not from the loan of someone else"
        Start = Pool().get('stock.loan.return.start')
        school, college = self.parties("School", "College")
        lot, other = ready(fleet), ready(fleet)
        loan = lent(fleet, school, lot)
        lent(fleet, college, other)
        start = Start(loan=None, lines=[])
        for code in [lot.number, other.number, lot.number]:
            start.on_scan_code(code)
        self.assertEqual(
            [(n.lot, n.borrower, n.returned) for n in start.lines],
            [(lot, school, True), (other, college, True)])
        start = Start(loan=loan, lines=[])
        with self.assertRaises(LoanPlaceError):
            start.on_scan_code(other.number)
        with self.assertRaises(LoanPlaceError):
            start.on_scan_code(ready(fleet).number)

    @with_company
    def test_late_message(self, fleet):
        "The scheduler writes once to each late borrower, then waits"
        pool = Pool()
        Configuration = pool.get('stock.configuration')
        Event = pool.get('stock.loan.event')
        Loan = pool.get('stock.loan')
        school, college, silent = self.parties("School", "College", "Silent")
        pool.get('party.contact_mechanism').create([
                {'party': p.id, 'type': 'email', 'value': f'{n}@example.org'}
                for n, p in [('school', school), ('college', college)]])
        loans = [
            lent(fleet, p, ready(fleet))
            for p in [school, school, college, silent]]
        Loan.write(loans, {
                'start_date': TODAY - dt.timedelta(days=9),
                'end_date': TODAY - dt.timedelta(days=2)})

        with outbox() as messages:
            Loan.remind_late()
            self.assertEqual(len(messages), 2)
            Loan.remind_late()
            self.assertEqual(len(messages), 2)
            events = Event.search([('kind', '=', 'reminder')])
            self.assertEqual(
                {e.loan for e in events}, set(loans[:3]))
            self.assertEqual(len({e.email for e in events}), 2)

            table = Event.__table__()
            Transaction().connection.cursor().execute(*table.update(
                    [table.date], [TODAY - dt.timedelta(days=7)]))
            Loan.remind_late()
            self.assertEqual(len(messages), 4)
            configuration = Configuration(1)
            configuration.loan_reminder_days = None
            configuration.save()
            Loan.remind_late()
            self.assertEqual(len(messages), 4)

            with self.assertRaises(LoanMailError):
                Loan.remind([loans[3]])

    @with_company
    def test_no_mail_server(self, fleet):
        "Without a server nothing is recorded as sent"
        Loan = Pool().get('stock.loan')
        school, = self.parties("School")
        loan = lent(fleet, school, ready(fleet))
        Loan.write([loan], {
                'start_date': TODAY - dt.timedelta(days=9),
                'end_date': TODAY - dt.timedelta(days=2)})
        with self.assertRaises(MailServerError):
            Loan.remind([loan])
        self.assertEqual(Loan(loan.id).events, ())

    @with_company
    def test_lost_holds_data(self, fleet):
        "What is found after a loss has been in other hands"
        Line = Pool().get('stock.loan.line')
        school, = self.parties("School")
        lot = ready(fleet)
        line, = lent(fleet, school, lot).lines
        Line.lose([line], 'lost', circumstances="?")
        self.assertEqual(fleet.oracle(lot), set())
        self.assertIsNone(fleet.Lot(lot.id).data_since)
        with self.assertRaises(LoanPlaceError):
            Line.lose([line], 'lost', circumstances="?")
        Line.return_([line])
        lot = fleet.Lot(lot.id)
        self.assertEqual(lot.stage, 'reception')
        self.assertIsNotNone(lot.data_since)
        with self.assertRaises(LoanPlaceError):
            Line.return_([line])

    @with_company
    def test_pick(self, fleet):
        "What is booked, or on a draft, is not picked for these days"
        Loan = Pool().get('stock.loan')
        lots = [ready(fleet) for _ in range(3)]
        school, = self.parties("School")
        Loan.create([{
                    'company': fleet.company.id, 'borrower': school.id,
                    'start_date': TODAY + dt.timedelta(days=10),
                    'end_date': TODAY + dt.timedelta(days=20),
                    'lines': [('create', [{'lot': lots[0].id}])]}])
        product = lots[0].product

        def pick(start, end, count=5):
            return fleet.Lot.pick({product: count}, *[
                    TODAY + dt.timedelta(days=n) for n in [start, end]])
        self.assertEqual(pick(0, 9), {product: lots})
        self.assertEqual(pick(0, 9, 2), {product: lots[:2]})
        self.assertEqual(pick(0, 10), {product: lots[1:]})
        self.assertEqual(pick(20, 30), {product: lots[1:]})
        self.assertEqual(fleet.Lot.count_ready([product]), {product: 2})

    @with_company
    def test_replace(self, fleet):
        "Two borrowers made one keep what each of them holds"
        pool = Pool()
        Line = pool.get('stock.loan.line')
        Replace = pool.get('party.replace', type='wizard')
        source, destination = self.parties("Ecole", "Ecole")
        loans = [
            lent(fleet, party, ready(fleet))
            for party in [source, destination]]
        kept = loans[1].lines[0].move_out.to_location

        session_id, _, _ = Replace.create()
        replace = Replace(session_id)
        replace.ask.source, replace.ask.destination = source, destination
        replace.transition_replace()

        Transaction().cache.clear()
        for loan in loans:
            line, = pool.get('stock.loan')(loan.id).lines
            self.assertEqual(fleet.Lot(line.lot.id).holder, destination)
        new = lent(fleet, destination, ready(fleet))
        self.assertEqual(new.lines[0].move_out.to_location, kept)
        Line.return_([n for l in loans for n in Line.browse(l.lines)])
        self.assertEqual(
            {pool.get('stock.loan')(l.id).state for l in loans}, {'done'})

    @with_company
    def test_erased_name(self, fleet):
        "The place of a borrower does not keep the name"
        school, = self.parties("Nom à effacer")
        place = lent(fleet, school, ready(fleet)).moves[0].to_location
        self.assertNotIn("effacer", place.name)
        self.assertIn("effacer", place.rec_name)
        Location = Pool().get('stock.location')
        self.assertEqual(
            Location.search([('rec_name', 'ilike', '%Nom à%')]), [place])

    @with_company
    def test_public_url(self, fleet):
        "The address of a label is the configured one"
        Configuration = Pool().get('stock.configuration')
        lot = fleet.lot()
        self.assertEqual(
            lot.public_url, f'http://localhost:8000/d/{lot.token}')
        configuration = Configuration(1)
        configuration.public_url = 'https://parc.example.org/'
        configuration.save()
        self.assertEqual(
            lot.public_url, f'https://parc.example.org/d/{lot.token}')
