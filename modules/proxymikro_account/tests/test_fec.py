# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The file of the accounting entries."""
import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.proxymikro_account import fec as fec_module
from trytond.modules.proxymikro_account.fec_check import get_problems
from trytond.modules.proxymikro_account.fec_row import HEADER
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books


class FECTestCase(TestCase):
    "Test the FEC and its check"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def generate(self, fiscalyear, **values):
        "Return the name and the rows of the file"
        name, content = self.export(fiscalyear, **values)
        rows = list(csv.reader(
                io.StringIO(content.decode('iso-8859-15'), newline=''),
                delimiter='\t', quoting=csv.QUOTE_NONE))
        self.assertEqual(rows[0], HEADER)
        return name, [dict(zip(HEADER, row, strict=True)) for row in rows[1:]]

    def export(self, fiscalyear, **values):
        FEC = Pool().get('account.fr.fec', type='wizard')
        session_id, _, _ = FEC.create()
        wizard = FEC(session_id)
        wizard.start.fiscalyear = fiscalyear
        wizard.start.encoding = 'iso-8859-15'
        wizard.start.delimiter = 'tab'
        for field, value in values.items():
            setattr(wizard.start, field, value)
        self.assertEqual(wizard.transition_generate(), 'result')
        result = wizard.default_result([])
        return result['filename'], bytes(result['file'])

    def keep_year(self, books):
        "Two years with a gift, a sale, contributions in kind and the closing"
        buyer = books.party("Récup Sœurs")
        books.move(
            dt.date(2025, 3, 1), ('5121', '150', '0'), ('75411', '0', '150'),
            description="Don d'Éloïse")
        books.balance_non_deferral(books.years[2025])
        sale = books.move(
            dt.date(2026, 2, 3), ('4110', '84.10', '0', buyer),
            ('70731', '0', '84.10'), description="Facture 12")
        books.move(
            dt.date(2026, 4, 1), ('864', '40', '0'), ('875', '0', '40'),
            journal='CVN', description="Bénévolat")
        payment = books.move(
            dt.date(2026, 4, 2), ('5121', '84.10', '0'),
            ('4110', '0', '84.10', buyer), description="Virement")
        books.balance_non_deferral(books.years[2026])
        return buyer, sale, payment

    def amounts(self, rows, code):
        return [
            (r['Debit'], r['Credit']) for r in rows
            if r['CompteNum'] == code]

    @with_books(2025, 2026)
    def test_file(self, books):
        "The file has the opening, the entries in order, and is balanced"
        pool = Pool()
        Line = pool.get('account.move.line')
        buyer, sale, payment = self.keep_year(books)
        Line.reconcile([
                n for m in [sale, payment] for n in m.lines if n.party])
        name, rows = self.generate(books.years[2026])
        self.assertEqual(name, 'FEC20261231.txt')
        self.assertEqual(
            [(r['JournalCode'], r['CompteNum'], r['Debit'], r['Credit'])
                for r in rows], [
                ('AN', '120', '0,00', '150,00'),
                ('AN', '5121', '150,00', '0,00'),
                ('OD', '4110', '84,10', '0,00'),
                ('OD', '70731', '0,00', '84,10'),
                ('OD', '5121', '84,10', '0,00'),
                ('OD', '4110', '0,00', '84,10'),
                ])
        receivable = rows[2]
        self.assertEqual(receivable['CompAuxNum'], buyer.code)
        self.assertEqual(receivable['CompAuxLib'], "Récup Sœurs")
        self.assertEqual(receivable['EcritureDate'], '20260203')
        self.assertEqual(receivable['EcritureLib'], "Facture 12")
        self.assertEqual(receivable['EcritureNum'], sale.number)
        self.assertTrue(receivable['EcritureLet'])
        self.assertEqual(
            receivable['EcritureLet'], rows[5]['EcritureLet'])
        self.assertEqual(
            receivable['DateLet'], f'{dt.date.today():%Y%m%d}')
        self.assertEqual(rows[3]['EcritureLet'], '')
        total = {
            side: sum(Decimal(r[side].replace(',', '.')) for r in rows)
            for side in ['Debit', 'Credit']}
        self.assertEqual(total['Debit'], total['Credit'])

    @with_books(2025, 2026)
    def test_in_kind(self, books):
        "The contributions in kind are in the file if it is wanted"
        self.keep_year(books)
        _, rows = self.generate(books.years[2026], in_kind=True)
        self.assertEqual(self.amounts(rows, '864'), [('40,00', '0,00')])
        self.assertEqual(self.amounts(rows, '875'), [('0,00', '40,00')])

    @with_books(2026)
    def test_encodings(self, books):
        "A letter that the encoding lacks is replaced, and so is a separator"
        buyer = books.party("A|B Łódź Sœur")
        books.move(
            dt.date(2026, 2, 3), ('4110', '1', '0', buyer),
            ('70731', '0', '1'), description="Œuvre à 5 €")
        fiscalyear = books.years[2026]
        for encoding, expected in [
                ('utf-8', "A B Łódź Sœur|".encode()),
                ('iso-8859-15', "A B odz Sœur|".encode('iso-8859-15')),
                ('ascii', b"A B odz Sur|")]:
            _, content = self.export(
                fiscalyear, encoding=encoding, delimiter='pipe')
            with self.subTest(encoding=encoding):
                self.assertIn(expected, content)
                self.assertEqual(
                    {l.count(b'|') for l in content.splitlines()}, {17})

    @with_books(2026)
    def test_name(self, books):
        "The name is the SIREN and the last day of the year"
        Identifier = Pool().get('party.identifier')
        party = books.company.party
        Identifier.create([{
                    'party': party.id, 'type': 'fr_siren',
                    'code': '552100554'}])
        books.move(
            dt.date(2026, 2, 3), ('5121', '1', '0'), ('75411', '0', '1'))
        with patch.object(fec_module, 'MAX_SIZE', 100):
            name, content = self.export(books.years[2026])
        self.assertEqual(name, '552100554FEC20261231.zip')
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.assertEqual(
                archive.namelist(), ['552100554FEC20261231.txt'])
            self.assertTrue(archive.read(
                    '552100554FEC20261231.txt').startswith(b'JournalCode\t'))

    @with_books(2025, 2026)
    def test_check(self, books):
        "Each thing that the tax office would refuse is told"
        pool = Pool()
        Journal = pool.get('account.journal')
        fiscalyear = books.years[2026]
        moves = [
            books.move(dt.date(2026, 2, n), ('5121', '5', '0'),
                ('75411', '0', '5'), description=d)
            for n, d in enumerate(["Don", "Don", "Don", None], 1)]
        books.move(
            dt.date(2026, 3, 1), ('5121', '1', '0'), ('75411', '0', '1'),
            post=False)
        self.alter('account.move', moves[0].id, number='1')
        self.alter('account.move', moves[1].id, number='2')
        self.alter('account.move', moves[2].id, number='4', post_date=None)
        self.alter('account.move', moves[3].id,
            number='5', date=dt.date(2027, 1, 1))
        self.alter('account.move.line', moves[0].lines[0].id, credit=7)
        journal, = Journal.search([('code', '=', 'OD')])
        self.alter('account.journal', journal.id, code=None)
        account = books.account('75411')
        self.alter('account.account', account.id, code='7')
        problems = '\n'.join(get_problems(fiscalyear))
        for text in [
                'SIREN of "', 'close fiscal year "2026"',
                'close fiscal year "2025"', "the 1 drafts",
                'move "1" mended', "out of balance by",
                'move "5" mended by the administrator: its date',
                'move "4" mended by the administrator: it is posted without',
                'between "2" and "4"', 'describe move "5"',
                'account "Dons manuels', 'give journal "']:
            with self.subTest(text=text):
                self.assertIn(text, problems)

    def alter(self, name, id_, **values):
        "Change the row as the application refuses to"
        table = Pool().get(name).__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.update(
                [getattr(table, n) for n in values], list(values.values()),
                where=table.id == id_))

    @with_books(2026)
    def test_told(self, books):
        "What the check found once is what the screen shows"
        FEC = Pool().get('account.fr.fec', type='wizard')
        session_id, _, _ = FEC.create()
        wizard = FEC(session_id)
        wizard.start.fiscalyear = books.years[2026]
        self.assertEqual(wizard.transition_verify(), 'check')
        self.assertEqual(
            wizard.default_check([])['problems'].splitlines(),
            get_problems(books.years[2026]))

    @with_books(2025, 2026)
    def test_default(self, books):
        "The last year that has begun is proposed"
        pool = Pool()
        Date = pool.get('ir.date')
        Start = pool.get('account.fr.fec.start')
        with patch.object(Date, 'today', return_value=dt.date(2025, 6, 1)):
            self.assertEqual(
                Start.default_fiscalyear(), books.years[2025].id)
        with patch.object(Date, 'today', return_value=dt.date(2027, 1, 1)):
            self.assertEqual(
                Start.default_fiscalyear(), books.years[2026].id)

    @with_books(2026)
    def test_many(self, books):
        "A kind of problem is told twenty times, then counted"
        for _ in range(23):
            books.move(
                dt.date(2026, 2, 3), ('5121', '1', '0'), ('75411', '0', '1'))
        problems = get_problems(books.years[2026])
        self.assertEqual(
            len([p for p in problems if "describe move" in p]), 20)
        self.assertIn("… and 3 others.", problems)
