# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the lines of the bank are proposed to pay, and how sure that is."""
import datetime as dt
import unittest
from decimal import Decimal as D

from trytond.modules.proxymikro_account.exceptions import StatementMatchError
from trytond.modules.proxymikro_account.statement_candidate import (
    BankLine, Candidate, propose)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .bank import ofx, with_bank

MARCH = dt.date(2026, 3, 20)


def candidate(record, amount, party=None, name=None, date=None, **values):
    return Candidate(
        record, 1, D(amount), date or dt.date(2026, 3, 1), party=party,
        names=(name,) if name else (), **values)


def match(transactions, candidates):
    "Return the proposals as id, record, amount and confidence"
    return [
        (p.line.id, p.candidate.record, p.amount, p.confidence)
        for p in propose(transactions, candidates)]


class CandidateTestCase(unittest.TestCase):
    "Test the pairs and how sure they are"

    def test_order(self):
        "The surest comes first, what nothing recognises is not proposed"
        self.assertEqual(match([
                    BankLine(1, MARCH, D(12), "CHEQUE 33"),
                    BankLine(2, MARCH, D(25), "VIR ECOLE DES TILLEULS"),
                    BankLine(3, MARCH, D(84), "METAUX FACT F2026-0001"),
                    BankLine(4, MARCH, D(40), "VIR INCONNU"),
                    ], [
                    candidate('i,1', 84, references=("F2026-0001",),
                        name="Métaux du Littoral"),
                    candidate('i,2', 25, name="École des Tilleuls"),
                    candidate('i,3', 40, name="Mairie"),
                    ]), [
                (3, 'i,1', D(84), 90),
                (2, 'i,2', D(25), 80),
                (4, 'i,3', D(40), 50),
                ])

    def test_reference(self):
        "A number is recognised however the bank cuts it"
        for text in [
                "FACT F2026-0001", "fact f20260001 merci", "F2026 0001",
                "REF.F2026/0001."]:
            with self.subTest(text=text):
                (_, record, amount, confidence), = match(
                    [BankLine(1, MARCH, D(84), text)],
                    [candidate('i,1', 84, references=("F2026-0001",)),
                        candidate('i,2', 84, references=("F2026-0002",))])
                self.assertEqual((record, confidence), ('i,1', 90))

    def test_partial(self):
        "A part of an invoice is proposed when its number is cited"
        self.assertEqual(
            match([BankLine(1, MARCH, D(50), "F2026-0001")],
                [candidate('i,1', 84, references=("F2026-0001",))]),
            [(1, 'i,1', D(50), 50)])
        self.assertEqual(
            match([BankLine(1, MARCH, D(100), "F2026-0001")],
                [candidate('i,1', 84, references=("F2026-0001",))]),
            [(1, 'i,1', D(84), 50)])

    def test_together(self):
        "Several invoices cited are paid by one line of their total"
        self.assertEqual(
            match([BankLine(1, MARCH, D(109), "F2026-0001 F2026-0002")], [
                    candidate('i,1', 84, references=("F2026-0001",)),
                    candidate('i,2', 25, references=("F2026-0002",)),
                    candidate('i,3', 109)]),
            [(1, 'i,1', D(84), 90), (1, 'i,2', D(25), 90)])

    def test_alike(self):
        "Among invoices alike the oldest goes first, and nothing is sure"
        feb = dt.date(2026, 2, 1)
        self.assertEqual(
            match([
                    BankLine(1, MARCH, D(25), "Tilleuls"),
                    BankLine(2, MARCH, D(25), "Tilleuls"),
                    BankLine(3, MARCH, D(25), "Tilleuls")], [
                    candidate('i,1', 25, name="Tilleuls"),
                    candidate('i,2', 25, name="Tilleuls", date=feb)]),
            [(1, 'i,2', D(25), 60), (2, 'i,1', D(25), 60)])

    def test_amount_alone(self):
        "An amount that many share proposes nothing"
        fees = [candidate(f'i,{i}', 25) for i in range(4)]
        line = [BankLine(1, MARCH, D(25), "VIREMENT")]
        self.assertEqual(match(line, fees), [])
        self.assertEqual(len(match(line, fees[:3])), 1)

    def test_mandate(self):
        "The treasury pays the invoices of public bodies, whatever it quotes"
        invoices = [
            candidate('i,1', 45, party=1, name="Mairie", public=True),
            candidate('i,2', 45, party=2, name="Ludothèque"),
            candidate('i,3', 45, party=3, name="Club"),
            candidate('i,4', 45, party=4, name="Foyer"),
            candidate('i,5', 80, party=5, name="Département", public=True),
            candidate('i,6', 20, party=5, name="Département", public=True),
            ]
        for text, amount, expected in [
                ("VIR TRESOR PUBLIC MANDAT 1482", 45,
                    [(1, 'i,1', D(45), 80)]),
                ("VIR DRFIP NOUVELLE AQUITAINE", 100,
                    [(1, 'i,5', D(80), 80), (1, 'i,6', D(20), 80)]),
                ("VIR DRFIP NOUVELLE AQUITAINE", 99, []),
                ("VIR SEPA", 45, []),
                ("PRLV MANDAT 1482", -45, []),
                ]:
            with self.subTest(text=text, amount=amount):
                self.assertEqual(match(
                        [BankLine(1, MARCH, D(amount), text)], invoices),
                    expected)
        self.assertEqual(
            match([BankLine(1, MARCH, D(45), "MANDAT 1482")], [
                    candidate('i,1', 45, party=1, public=True),
                    candidate('i,2', 45, party=2, public=True)]),
            [(1, 'i,1', D(45), 60)])
        self.assertEqual(
            match([BankLine(1, MARCH, D(45), "MANDAT ENG 4500123")], [
                    candidate('i,1', 45, party=1, public=True,
                        references=("4500123",)),
                    candidate('i,2', 45, party=2, public=True)]),
            [(1, 'i,1', D(45), 90)])

    def test_sign(self):
        "What leaves the account pays no customer's invoice"
        self.assertEqual(
            match([BankLine(1, MARCH, D(-84), "F2026-0001 Mairie")], [
                    candidate('i,1', 84, references=("F2026-0001",)),
                    candidate('i,2', 84, name="Mairie")]), [])

    def test_once(self):
        "No line takes more than it has, no invoice more than is open"
        transactions = [
            BankLine(i, MARCH, D(30), "F2026-0001 Mairie")
            for i in range(5)]
        proposals = propose(transactions, [
                candidate('i,1', 84, references=("F2026-0001",)),
                candidate('i,2', 30, name="Mairie")])
        taken = [
            (p.line.id, p.candidate.record, p.amount)
            for p in proposals]
        self.assertEqual(
            sum(a for _, r, a in taken if r == 'i,1'), D(84))
        self.assertEqual(sum(a for _, r, a in taken if r == 'i,2'), D(30))
        for id_ in range(5):
            self.assertLessEqual(
                sum(a for t, _, a in taken if t == id_), D(30))


class StatementMatchTestCase(TestCase):
    "Test the screen which proposes and what it writes"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_account')

    def start(self, statement):
        "Return the wizard with the rows it shows"
        pool = Pool()
        Wizard = pool.get('account.statement.match', type='wizard')
        Line = pool.get('account.statement.match.line')
        session, _, _ = Wizard.create()
        wizard = Wizard(session)
        with Transaction().set_context(
                active_model='account.statement', active_id=statement.id):
            default = wizard.default_start([])
        wizard.start.statement = statement
        wizard.start.lines = [
            Line(**{k: v for k, v in l.items() if not k.endswith('.')})
            for l in default['lines']]
        return wizard, default

    def statement(self, bank, *rows):
        total = sum(r[2] for r in rows)
        return bank.import_('ofx', ofx(rows, total))[0]

    @with_bank
    def test_confirm(self, bank):
        "Ticked lines are matched, the invoice is paid, the rest stays"
        school, mayor = bank.party("École des Tilleuls"), bank.party("Mairie")
        first = bank.invoice(school, 25)
        second = bank.invoice(mayor, 40)
        statement = self.statement(
            bank,
            ('1', MARCH, D('25.00'), "VIR ECOLE DES TILLEULS"),
            ('2', MARCH, D('40.00'), "VIR SEPA"),
            ('3', MARCH, D('7.00'), "REMISE"))
        wizard, default = self.start(statement)
        self.assertEqual(
            [(l['accept'], l['amount'], l.get('related_to'))
                for l in default['lines']],
            [(True, D(25), str(first)), (False, D(40), str(second)),
                (False, D(7), None)])
        self.assertEqual((default['sure'], default['unmatched']), (1, 1))
        wizard.transition_confirm()
        self.assertEqual(
            [o.pending_amount for o in statement.origins],
            [D(0), D(40), D(7)])
        wizard, default = self.start(statement)
        self.assertEqual(len(default['lines']), 2)
        wizard.transition_confirm_all()
        line, = [o for o in statement.origins if o.number == '2'][0].lines
        self.assertEqual(
            (line.related_to, line.party, line.account),
            (second, mayor, second.account))
        self.assertEqual(
            [o.number for o in Pool().get('account.statement.origin').search(
                    [('pending_amount', '!=', 0)])], ['3'])

    @with_bank
    def test_open(self, bank):
        "What is open is what core says, less what drafts already match"
        invoices = [
            bank.invoice(bank.party("A"), 25),
            bank.invoice(bank.party("B"), 40, type='in'),
            bank.invoice(bank.party("C"), -15),
            ]
        statement = self.statement(bank, ('1', MARCH, D('10.00'), "X"))
        bank.pay(invoices[0], D('5.00'))
        self.assertEqual(
            {c.record: c.amount for c in statement._get_invoices()},
            {str(i): (1 if i.type == 'out' else -1) * i.amount_to_pay
                for i in invoices})
        self.assertEqual(invoices[0].amount_to_pay, D(20))
        Line = Pool().get('account.statement.line')
        Line.create([{
                    'statement': statement.id, 'date': MARCH, 'amount': 10,
                    'origin': statement.origins[0].id,
                    'account': invoices[0].account.id,
                    'party': invoices[0].party.id,
                    'related_to': str(invoices[0])}])
        self.assertEqual(statement._get_pending()[str(invoices[0])], D(10))

    @with_bank
    def test_meanwhile(self, bank):
        "What was matched meanwhile is refused, and nothing is written"
        invoice = bank.invoice(bank.party("Mairie"), 40)
        other = bank.invoice(bank.party("Région"), 60)
        statement = self.statement(
            bank, ('1', MARCH, D('40.00'), "MAIRIE"),
            ('2', MARCH, D('60.00'), "REGION"))
        wizard, _ = self.start(statement)
        again, _ = self.start(statement)
        again.start.lines = [
            l for l in again.start.lines if l.related_to == invoice]
        again.transition_confirm_all()
        with self.assertRaises(StatementMatchError) as context:
            wizard.transition_confirm_all()
        self.assertIn(invoice.rec_name, str(context.exception))
        self.assertEqual(
            [l.related_to for l in statement.lines], [invoice])
        self.assertEqual(other.state, 'posted')

    @with_bank
    def test_mandate(self, bank):
        "What a public body owes is ticked when the treasury pays it"
        town = bank.party("Commune de Floirac")
        town.legal_kind = 'public'
        town.save()
        invoice = bank.invoice(town, 40)
        bank.invoice(bank.party("Ludothèque"), 40)
        statement = self.statement(
            bank, ('1', MARCH, D('40.00'), "VIR DRFIP GIRONDE 0033"))
        wizard, default = self.start(statement)
        row, = default['lines']
        self.assertEqual(
            (row['accept'], row['related_to']), (True, str(invoice)))
        self.assertIn('mandate', row['reasons'])

    @with_bank
    def test_by_hand(self, bank):
        "Another invoice may be chosen, of the same side only"
        invoice = bank.invoice(bank.party("Mairie"), 40)
        bill = bank.invoice(bank.party("Loueur"), 40, type='in')
        statement = self.statement(
            bank, ('1', MARCH, D('30.00'), "VIREMENT"))
        wizard, default = self.start(statement)
        row, = wizard.start.lines
        self.assertFalse(row.related_to)
        row.related_to = bill
        with self.assertRaises(StatementMatchError):
            wizard.transition_confirm_all()
        row.related_to = invoice
        wizard.transition_confirm()
        self.assertFalse(statement.lines, "the row was not ticked")
        wizard.transition_confirm_all()
        line, = statement.lines
        self.assertEqual(
            (line.related_to, line.amount), (invoice, D('30.00')))

    @with_bank
    def test_move_line(self, bank):
        "A line of an account to reconcile is matched and reconciled"
        transfer = bank.account('receivable')
        party = bank.party("Trésor public")
        move = bank.move(MARCH, transfer, 30, party=party)
        statement = self.statement(
            bank, ('1', MARCH, D('30.00'), "TRESOR PUBLIC MANDAT 12"))
        wizard, default = self.start(statement)
        row, = default['lines']
        self.assertEqual(
            (row['accept'], row['related_to']), (True, str(move)))
        wizard.transition_confirm()
        statement.validate_statement([statement])
        statement.post([statement])
        self.assertTrue(type(move)(move.id).reconciliation)

    @with_bank
    def test_queries(self, bank):
        "The number of queries does not depend on that of the lines"
        Origin = Pool().get('account.statement.origin')
        statement = self.statement(bank, ('0', MARCH, D('0.50'), "X"))
        first, = statement.origins
        counts, done = [], 0
        for lines, invoices in [(10, 20), (1000, 5000)]:
            bank.fill(invoices)
            bank.insert(Origin, first, [
                    {'amount': i % 500 + 1, 'description': f"F2026{i:05}"}
                    for i in range(done, lines)])
            done = lines
            statement = type(statement)(statement.id)
            with count_queries() as queries:
                origins, proposals = statement.get_proposals()
            counts.append(len(queries))
            self.assertEqual(len(origins), lines + 1)
            self.assertGreater(len(proposals), lines * 0.9)
        self.assertLess(counts[1] - counts[0], 5)
        self.assertLess(counts[1], 20)
