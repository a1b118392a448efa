# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""HelloAsso: its file, the entries of what was paid there, its payouts."""
import datetime as dt
from decimal import Decimal as D

from trytond.modules.proxymikro_account.exceptions import HelloAssoError
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

DAY = dt.date(2026, 3, 10)
HEADER = (
    "Référence paiement;Référence commande;Date du paiement;Montant;"
    "Statut du paiement;Moyen de paiement;Type de campagne;Campagne;"
    "Nom payeur;Prénom payeur;Raison sociale;Email payeur;Adresse payeur;"
    "Code postal payeur;Ville payeur;Pays payeur;Date du versement;Reçu fiscal")


def row(reference, amount, type_='Don', name="Arnaud;Paulette", status="Validé",
        email="paulette@example.org", payout="", receipt="",
        means="Carte bancaire", company="", date="10/03/2026 14:05:12"):
    return (
        f"{reference};C{reference};{date};{amount};{status};{means};{type_};"
        f"Printemps;{name};{company};{email};1 rue du Lac;33000;Bordeaux;FRA;"
        f"{payout};{receipt}")


def file(*rows):
    return '\n'.join([HEADER, *rows]).encode('utf-8-sig')


class HelloAssoTestCase(TestCase):
    "Test the payments of HelloAsso"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def wizard(self, data):
        Import = Pool().get('account.helloasso.import', type='wizard')
        session_id, _, _ = Import.create()
        wizard = Import(session_id)
        wizard.start.file = data
        return wizard

    def load(self, data):
        Payment = Pool().get('account.helloasso.payment')
        _, action = self.wizard(data).do_import_(None)
        return Payment.browse(action['res_id'])

    def preview(self, data):
        return self.wizard(data).default_preview([])

    def party(self, name, email=None, postal_code=None, **values):
        party, = Pool().get('party.party').create([{
                    'name': name, 'legal_kind': 'individual', **values,
                    'contact_mechanisms': [('create', [{
                                    'type': 'email', 'value': email}])]
                    if email else [],
                    'addresses': [('create', [{
                                    'postal_code': postal_code}])]}])
        return party

    def invoice(self, books, party, amount):
        Invoice = Pool().get('account.invoice')
        journal, = Pool().get('account.journal').search(
            [('type', '=', 'revenue')], limit=1)
        invoice, = Invoice.create([{
                    'type': 'out', 'company': books.company.id,
                    'party': party.id, 'journal': journal.id,
                    'currency': books.company.currency.id,
                    'account': books.account('4110').id,
                    'invoice_address': party.addresses[0].id,
                    'invoice_date': dt.date(2026, 3, 1),
                    'lines': [('create', [{
                                    'type': 'line', 'quantity': 1,
                                    'description': "Cotisation",
                                    'account': books.account('7561').id,
                                    'currency': books.company.currency.id,
                                    'unit_price': D(amount)}])]}])
        Invoice.post([invoice])
        return invoice

    def lines(self, move):
        return sorted(
            (l.account.code, l.debit, l.credit) for l in move.lines)

    def open(self, code='5117'):
        return sorted(
            l.debit - l.credit
            for l in Pool().get('account.move.line').search([
                    ('account.code', '=', code),
                    ('reconciliation', '=', None)]))

    @with_books(2026)
    def test_read(self, books):
        "A file is previewed, read once, and tells what changed since"
        data = file(
            row(1, "30,00"), row(2, "12.50 €", 'Adhésion'),
            row(3, "8,00", status="Refusé"), row(4, "0,00"),
            row(5, "9,00", means="Chèque"), row(6, "7,00", 'Billetterie'),
            row(7, "5,00", status="Remboursé"))
        preview = self.preview(data)
        self.assertEqual(
            {n: preview[n] for n in ['new', 'amount', 'ignored', 'problems']},
            {'new': 3, 'amount': D('49.50'), 'ignored': 4, 'problems': ''})
        payments = self.load(data)
        self.assertEqual(
            [(p.reference, p.kind, p.amount, p.date) for p in payments], [
                ('1', 'gift', D(30), DAY), ('2', 'fee', D('12.50'), DAY),
                ('6', 'other', D(7), DAY)])
        preview = self.preview(data)
        self.assertEqual(
            (preview['new'], preview['known'], preview['changed']), (0, 3, 0))
        later = file(
            row(1, "30,00", payout="01/04/2026"),
            row(2, "12,50", 'Adhésion', status="Remboursé"))
        self.assertEqual(self.preview(later)['changed'], 2)
        one, two = self.load(later)
        self.assertEqual(one.payout_date, dt.date(2026, 4, 1))
        self.assertTrue(two.refunded)

    @with_books(2026)
    def test_refused(self, books):
        "A file with a problem is refused whole, with sentences"
        Payment = Pool().get('account.helloasso.payment')
        self.load(file(row(9, "3,00")))
        for bad, expected in [
                (row(1, "trente"), "trente"),
                (row(1, "-5,00"), "-5,00"),
                (row(1, "nan"), "nan"),
                (row(1, "5,00", date="31/02/2026"), "31/02/2026"),
                (row(1, "5,00", status="Bizarre"), "Bizarre"),
                (row('', "5,00"), "empty"),
                (row(2, "5,00"), "also on line 2"),
                (row(9, "4,00"), "9, Paulette Arnaud")]:
            data = file(row(2, "6,00"), bad)
            self.assertIn(expected, self.preview(data)['problems'])
            with self.assertRaises(HelloAssoError):
                self.load(data)
        for data in [b'\xff\xfe\x00', b'', b'a;b\n1;2', b'PK\x03\x04\x00']:
            with self.assertRaises(HelloAssoError):
                self.preview(data)
        self.assertEqual(Payment.search([], count=True), 1)

    @with_books(2026)
    def test_recognise(self, books):
        "The payer is known by the e-mail, or by the name and the place"
        Payment = Pool().get('account.helloasso.payment')
        known = self.party("P. Arnaud", "paulette@example.org")
        named = self.party("Hugo Bergès", postal_code="33000")
        self.party("Léa Martin", postal_code="64000")
        invoice = self.invoice(books, named, 40)
        payments = self.load(file(
                row(1, "30,00"),
                row(2, "40,00", 'Adhésion', name="Bergès;Hugo", email=""),
                row(3, "40,00", 'Adhésion', name="Bergès;Hugo", email=""),
                row(4, "20,00", name="Martin;Léa", email="l@example.org"),
                row(5, "25,00", name="Martin;Léa", email="l@example.org")))
        self.assertEqual(
            [p.party for p in payments], [known, named, named, None, None])
        self.assertEqual(
            [p.invoice for p in payments], [None, invoice, None, None, None])
        Payment.create_party(payments[3:])
        created = Payment(payments[3].id).party
        self.assertEqual(
            (created.name, created.email, Payment(payments[4].id).party),
            ("Léa Martin", "l@example.org", created))

    @with_books(2026)
    def test_post(self, books):
        "A gift, a fee and a ticket are booked, then paid out together"
        Payment = Pool().get('account.helloasso.payment')
        donor = self.party("P. Arnaud", "paulette@example.org", "33000")
        member = self.party("École", "ecole@example.org", "33000")
        invoice = self.invoice(books, member, 40)
        payout = "01/04/2026"
        gift, fee, ticket = payments = self.load(file(
                row(1, "30,00", payout=payout),
                row(2, "40,00", 'Adhésion', email="ecole@example.org",
                    payout=payout),
                row(3, "8,00", 'Billetterie', payout=payout)))
        with self.assertRaises(HelloAssoError):
            Payment.post([ticket])
        Payment.post([gift, fee])
        gift, fee = Payment.browse([gift, fee])
        self.assertEqual(
            (gift.gift.state, gift.gift.party, gift.gift.means),
            ('recorded', donor, 'transfer'))
        self.assertEqual(self.lines(gift.gift.move), [
                ('5117', D(30), D(0)), ('75411', D(0), D(30))])
        invoice.process([invoice])
        self.assertEqual(invoice.__class__(invoice.id).state, 'paid')
        self.assertIsNone(gift.payout_move)
        self.assertEqual(self.open(), [D(30), D(40)])
        Payment.write([ticket], {'account': books.account('706').id})
        Payment.post([Payment(ticket.id)])
        move, = {p.payout_move for p in Payment.browse(payments)}
        self.assertEqual(self.lines(move), [
                ('5117', D(0), D(78)), ('5117', D(78), D(0))])
        self.assertEqual(self.open(), [D(78)])

    @with_books(2026)
    def test_bank(self, books):
        "The line of the bank is proposed for the payout, and clears it"
        pool = Pool()
        Payment = pool.get('account.helloasso.payment')
        Journal = pool.get('account.statement.journal')
        Statement = pool.get('account.statement')
        self.party("P. Arnaud", "paulette@example.org")
        payments = self.load(file(
                row(1, "30,00", payout="01/04/2026"),
                row(2, "25,00", payout="01/04/2026"),
                row(3, "11,00")))
        Payment.post(payments)
        bank, = pool.get('account.journal').search([('code', '=', 'BQ')])
        journal, = Journal.create([{
                    'name': "Banque", 'journal': bank.id,
                    'company': books.company.id, 'validation': 'amount',
                    'currency': books.company.currency.id,
                    'account': books.account('5121').id}])
        day = dt.date(2026, 4, 2)
        statement, = Statement.create([{
                    'name': "1", 'journal': journal.id, 'date': day,
                    'company': books.company.id, 'total_amount': D(55),
                    'origins': [('create', [{
                                    'date': day, 'amount': D(55),
                                    'description': "VIR SEPA HELLOASSO"}])]}])
        _, (proposal,) = statement.get_proposals()
        payout = Payment(payments[0].id).payout_move
        debit, = [l for l in payout.lines if l.debit]
        self.assertEqual(
            (proposal.candidate.record, proposal.confidence),
            (str(debit), 80))

    @with_books(2026)
    def test_refund(self, books):
        "What the platform paid back is taken back, and can be paid again"
        pool = Pool()
        Payment = pool.get('account.helloasso.payment')
        self.party("P. Arnaud", "paulette@example.org")
        member = self.party("École", "ecole@example.org")
        invoice = self.invoice(books, member, 40)
        mail = "ecole@example.org"
        payments = self.load(file(
                row(1, "30,00"), row(2, "40,00", 'Adhésion', email=mail)))
        with self.assertRaises(HelloAssoError):
            Payment.write([payments[0]], {'refunded': True})
            Payment.post([Payment(payments[0].id)])
        Payment.write([payments[0]], {'refunded': False})
        Payment.post(Payment.browse(payments))
        invoice.process([invoice])
        self.assertEqual(invoice.__class__(invoice.id).state, 'paid')
        payments = self.load(file(
                row(1, "30,00", status="Remboursé"),
                row(2, "40,00", 'Adhésion', email=mail, status="Remboursé")))
        Payment.refund(payments)
        payments = Payment.browse(payments)
        self.assertEqual({p.state for p in payments}, {'refunded'})
        self.assertEqual(payments[0].gift.state, 'cancelled')
        invoice = invoice.__class__(invoice.id)
        self.assertEqual((invoice.state, invoice.amount_to_pay),
            ('posted', D(40)))
        self.assertEqual(self.open(), [])

    @with_books(2026)
    def test_modify(self, books):
        "What the file says stays, what is booked too"
        Payment = Pool().get('account.helloasso.payment')
        payment, = self.load(file(row(1, "30,00")))
        party = self.party("P. Arnaud")
        with Transaction().set_context(
                _check_access=True, companies=[books.company.id]):
            Payment.write([payment], {'party': party.id})
            with self.assertRaises(HelloAssoError):
                Payment.write([payment], {'amount': D(3)})
        Payment.post([Payment(payment.id)])
        with Transaction().set_context(
                _check_access=True, companies=[books.company.id]):
            with self.assertRaises(HelloAssoError):
                Payment.write([payment], {'party': None})

    @with_books(2026)
    def test_receipt(self, books):
        "The platform's receipt is not issued a second time"
        pool = Pool()
        Payment = pool.get('account.helloasso.payment')
        Retrieve = pool.get('account.gift.retrieve', type='wizard')
        payment, = self.load(file(row(1, "30,00", receipt="2026-17")))
        Payment.post([payment])
        payment = Payment(payment.id)
        self.assertIsNone(payment.gift)
        self.assertEqual(self.lines(payment.line.move), [
                ('5117', D(30), D(0)), ('75411', D(0), D(30))])
        self.assertEqual(Retrieve.find_lines(books.company), [])

    @with_books(2026)
    def test_queries(self, books):
        "A file of 40 payments is read and recognised in as many queries as 4"
        counts = []
        for size in [4, 40]:
            data = file(*(
                    row(f'{size}-{i}', "5,00", email=f"p{i}@example.org")
                    for i in range(size)))
            wizard = self.wizard(data)
            reading = wizard.read(wizard.start.file)
            with count_queries() as queries:
                wizard.recognise(reading.new)
            counts.append(len(queries))
        self.assertGreaterEqual(counts[0], counts[1])
