# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What volunteers spent: approved by another, then paid or given up."""
import datetime as dt
import io
from decimal import Decimal as D

from pypdf import PdfReader

from trytond.modules.proxymikro_account.exceptions import (
    ExpenseClaimError, GiftError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

DAY = dt.date(2026, 3, 10)
TICKET = {
    'nature': 'travel', 'description': "Train Bordeaux-Dax",
    'amount': D('31.40'), 'document': b'%PDF-', 'account': '6251'}


class ExpenseClaimTestCase(TestCase):
    "Test the expense claims of volunteers"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def employ(self, books, name):
        "Make the user the employee of that name, and return the party"
        pool = Pool()
        Employee = pool.get('company.employee')
        User = pool.get('res.user')
        party = books.party(name)
        employee, = Employee.create([{
                    'party': party.id, 'company': books.company.id}])
        User.write([User(Transaction().user)], {
                'companies': [('add', [books.company.id])],
                'company': books.company.id,
                'employees': [('add', [employee.id])],
                'employee': employee.id})
        return party

    def claim(self, books, party, *lines, date=DAY):
        Claim = Pool().get('account.expense.claim')
        claim, = Claim.create([{
                    'party': party.id, 'date': date, 'purpose': "Collecte",
                    'lines': [('create', [{
                                    'date': date, **line,
                                    'account': books.account(
                                        line['account']).id}
                                for line in lines])]}])
        return claim

    def journey(self, kilometers, **values):
        return {
            'nature': 'mileage', 'description': "Domicile - préfecture",
            'scale': Pool().get('ir.model.data').get_id(
                'proxymikro_account.expense_scale_car_5_2022'),
            'kilometers': kilometers, 'amount': D(1), 'account': '6251',
            **values}

    def approve(self, claim):
        claim.submit([claim])
        claim.approve([claim])
        return claim

    def lines(self, move):
        return sorted(
            (l.account.code, l.debit, l.credit) for l in move.lines)

    def balance(self, books, party, code='4681'):
        Line = Pool().get('account.move.line')
        return sum(l.credit - l.debit for l in Line.search([
                    ('account.code', '=', code), ('party', '=', party.id),
                    ('reconciliation', '=', None)]))

    @with_books(2026)
    def test_scale(self, books):
        "The kilometres of a year are counted together, band after band"
        Claim = Pool().get('account.expense.claim')
        self.employ(books, "Claire")
        hugo, lea = books.party("Hugo"), books.party("Léa")
        first = self.approve(self.claim(
                books, hugo, self.journey(4000), self.journey(900)))
        self.assertEqual(
            [l.amount for l in first.lines], [D('2544.00'), D('572.40')])
        # 100 km at 0.636, then 100 at 0.357
        second = self.claim(books, hugo, self.journey(200))
        third = self.claim(
            books, hugo, self.journey(10, electric=True),
            self.journey(100, date=dt.date(2026, 1, 2)))
        second.submit([second])
        third.submit([third])
        self.assertEqual(second.amount, D('99.30'))
        # The oldest first: 100 km reach the end of the band
        self.assertEqual(
            [l.amount for l in third.lines], [D('63.60'), D('4.28')])
        second.approve([second])
        with self.assertRaises(ExpenseClaimError):
            third.approve([Claim(third.id)])
        Claim.draft([third])
        self.approve(third)
        self.assertEqual(
            [l.amount for l in third.lines], [D('35.70'), D('4.28')])
        for other in [
                self.claim(books, lea, self.journey(100)),
                self.claim(
                    books, hugo,
                    self.journey(100, date=dt.date(2025, 12, 31)))]:
            other.submit([other])
            self.assertEqual(other.amount, D('63.60'))
        line = third.lines[0]
        self.assertEqual(line.on_change_with_amount(), D('35.70'))

    @with_books(2026)
    def test_submit(self, books):
        "Every expense has its receipt and a day before the claim"
        party = books.party("Hugo")
        for line in [
                {**TICKET, 'document': None},
                {**TICKET, 'date': dt.date(2026, 3, 11)}]:
            claim = self.claim(books, party, line)
            with self.assertRaises(ExpenseClaimError):
                claim.submit([claim])
        claim = self.claim(books, party)
        with self.assertRaises(ExpenseClaimError):
            claim.submit([claim])

    @with_books(2026)
    def test_approve(self, books):
        "Another person approves, and nothing changes any more"
        claim = self.claim(books, books.party("Hugo"), TICKET)
        claim.submit([claim])
        with self.assertRaises(ExpenseClaimError):
            claim.approve([claim])
        claire = self.employ(books, "Claire")
        own = self.claim(books, claire, TICKET)
        own.submit([own])
        with self.assertRaises(ExpenseClaimError):
            own.approve([own])
        claim.approve([claim])
        self.assertEqual(claim.approved_by.party, claire)
        self.assertEqual(self.lines(claim.move), [
                ('4681', D(0), D('31.40')), ('6251', D('31.40'), D(0))])
        self.assertEqual(claim.move.state, 'posted')
        for change in [
                lambda: claim.write([claim], {'purpose': "Autre"}),
                lambda: claim.lines[0].__class__.write(
                    list(claim.lines), {'amount': D(90)}),
                lambda: claim.delete([claim])]:
            with Transaction().set_context(
                    _check_access=True, companies=[books.company.id]):
                with self.assertRaises(ExpenseClaimError):
                    change()
        copy, = claim.copy([claim])
        self.assertEqual((copy.state, copy.move), ('draft', None))

    @with_books(2026)
    def test_analytic(self, books):
        "What was spent for a grant is counted with it"
        pool = Pool()
        Grant = pool.get('account.grant')
        self.employ(books, "Claire")
        grant, = Grant.create([{
                    'name': "Collecte rurale", 'date': dt.date(2026, 1, 5),
                    'funder': books.party("Région").id, 'kind': 'subsidy',
                    'amount': D(500),
                    'receivable_account': books.account('4417').id,
                    'income_account': books.account('741').id}])
        grant.award([grant])
        self.approve(self.claim(books, books.party("Hugo"), {
                    **TICKET, 'analytic_account': grant.analytic_account.id}))
        self.assertEqual(Grant(grant.id).spent, D('31.40'))

    @with_books(2026)
    def test_pay(self, books):
        "A claim is paid once, and the payment clears what was owed"
        Claim = Pool().get('account.expense.claim')
        self.employ(books, "Claire")
        hugo = books.party("Hugo")
        claim = self.approve(self.claim(books, hugo, TICKET))
        self.assertEqual(
            Claim.search([('paid', '=', False), ('id', '=', claim.id)]),
            [claim])
        self.assertEqual(self.balance(books, hugo), D('31.40'))
        move, = Claim.pay_from([claim], books.account('5311'), DAY)
        self.assertEqual(self.lines(move), [
                ('4681', D('31.40'), D(0)), ('5311', D(0), D('31.40'))])
        claim = Claim(claim.id)
        self.assertTrue(claim.paid)
        self.assertEqual(Claim.search([('paid', '=', True)]), [claim])
        self.assertEqual(Claim.search([('paid', 'in', [False])]), [])
        self.assertEqual(self.balance(books, hugo), 0)
        for change in [
                lambda: Claim.pay_from([claim], books.account('5311'), DAY),
                lambda: Claim.give_up([claim], DAY),
                lambda: Claim.cancel([claim])]:
            with self.assertRaises(ExpenseClaimError):
                change()

    @with_books(2026)
    def test_bank(self, books):
        "The bank which pays the claim is proposed for it"
        pool = Pool()
        Journal = pool.get('account.statement.journal')
        Statement = pool.get('account.statement')
        self.employ(books, "Claire")
        hugo = books.party("Hugo Bergès")
        claim = self.approve(self.claim(books, hugo, TICKET))
        bank, = pool.get('account.journal').search([('code', '=', 'BQ')])
        journal, = Journal.create([{
                    'name': "Banque", 'journal': bank.id,
                    'company': books.company.id, 'validation': 'amount',
                    'currency': books.company.currency.id,
                    'account': books.account('5121').id}])
        statement, = Statement.create([{
                    'name': "1", 'journal': journal.id, 'date': DAY,
                    'company': books.company.id,
                    'total_amount': D('-31.40'), 'origins': [('create', [{
                                    'date': DAY, 'amount': D('-31.40'),
                                    'description': "VIR HUGO BERGES"}])]}])
        _, (proposal,) = statement.get_proposals()
        self.assertEqual(
            (proposal.candidate.record, proposal.confidence),
            (str(claim.line), 80))

    @with_books(2026)
    def test_waive(self, books):
        "What a volunteer gives up is a gift; cancelled, it is owed again"
        Claim = Pool().get('account.expense.claim')
        self.employ(books, "Claire")
        hugo = books.party("Hugo")
        claim = self.approve(self.claim(books, hugo, TICKET))
        Claim.give_up([claim], dt.date(2026, 3, 20))
        gift = claim.gift
        self.assertEqual(
            (claim.state, gift.state, gift.nature, gift.signed_on),
            ('waived', 'recorded', 'waiver', dt.date(2026, 3, 20)))
        self.assertEqual(self.lines(gift.move), [
                ('4681', D('31.40'), D(0)), ('75412', D(0), D('31.40'))])
        self.assertEqual(self.balance(books, hugo), 0)
        gift.cancel([gift])
        claim = Claim(claim.id)
        self.assertEqual((claim.state, claim.gift), ('approved', None))
        self.assertFalse(claim.paid)
        self.assertEqual(self.balance(books, hugo), D('31.40'))
        claim.cancel([claim])
        self.assertEqual(self.balance(books, hugo), 0)
        self.assertEqual(claim.cancel_move.state, 'posted')

    @with_books(2026)
    def test_waive_receipt(self, books):
        "A waiver that has its receipt is not taken back"
        pool = Pool()
        Claim = pool.get('account.expense.claim')
        Configuration = pool.get('account.configuration')
        Party = pool.get('party.party')
        configuration = Configuration(1)
        configuration.tax_receipt_quality = "Intérêt général"
        configuration.tax_receipt_purpose = "Prêter du matériel"
        configuration.tax_receipt_signatory = "Claire"
        configuration.save()
        Party.write([books.company.party], {
                'identifiers': [('create', [{
                                'type': 'fr_rna', 'code': 'W332098765'}])],
                'addresses': [('create', [{
                                'street': "2 quai", 'postal_code': "33000",
                                'city': "Bordeaux"}])]})
        self.employ(books, "Claire")
        hugo, = Party.create([{
                    'name': "Hugo", 'legal_kind': 'individual',
                    'addresses': [('create', [{
                                    'street': "1 rue du Lac",
                                    'postal_code': "33000",
                                    'city': "Bordeaux"}])]}])
        claim = self.approve(self.claim(books, hugo, TICKET))
        Claim.give_up([claim], DAY)
        claim.gift.issue_receipt([claim.gift])
        with self.assertRaises(GiftError):
            claim.gift.cancel([claim.gift])
        self.assertEqual(Claim(claim.id).state, 'waived')

    @with_books(2026)
    def test_report(self, books):
        "The sheet lists the expenses and the waiver to sign"
        pool = Pool()
        Report = pool.get('account.expense.claim.sheet', type='report')
        self.employ(books, "Claire")
        claim = self.approve(self.claim(
                books, books.party("Hugo"), TICKET, self.journey(100)))
        with Transaction().set_context(language='fr'):
            extension, content, _, _ = Report.execute([claim.id], {
                    'action_id': pool.get('ir.model.data').get_id(
                        'proxymikro_account.report_expense_claim')})
        text = ' '.join(' '.join(
                page.extract_text()
                for page in PdfReader(io.BytesIO(content)).pages).split())
        for expected in [
                "Train Bordeaux-Dax", "5 CV", "63,60", "95,00", "Claire",
                "certifie renoncer au remboursement"]:
            self.assertIn(expected, text)
