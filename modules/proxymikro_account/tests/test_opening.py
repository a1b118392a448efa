# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The books open with the balance, or the FEC, of the earlier software."""
import datetime as dt
from decimal import Decimal as D

from trytond.modules.proxymikro_account.exceptions import OpeningError
from trytond.modules.proxymikro_base.spreadsheet import Table, write_ods
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

BALANCE = """Compte;Libellé;Tiers;Pièce;Date;Échéance;Débit;Crédit
5121000;Banque;;;;;1 250,40;
4110;Adhérents;École des Tilleuls;F2025-17;12/11/2025;12/12/2025;40,00;
4110;Adhérents;École des Tilleuls;F2025-21;01/12/2025;;25,00;
401;Fournisseurs;Papeterie du Lac;A-310;;31/01/2026;;96,40
194;Fonds dédiés : mobilité;;;;;;300,00
1024;Fonds associatifs;;;;;;700,00
6251;Déplacements;;;;;81,00;
7561;Cotisations;;;;;;300,00
;Total;;;;;1 396,40;1 396,40
512;Soldé;;;;;0,00;0,00
"""
RESULT = D('219.00')
FEC = """\
JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|\
CompAuxNum|CompAuxLib|PieceRef|PieceDate|EcritureLib|Debit|Credit|\
EcritureLet|DateLet|ValidDate|Montantdevise|Idevise
VE|Ventes|1|20251112|4110|Adhérents|ECO|École des Tilleuls|F17|20251112|\
Appel|40,00|0,00|A|20251120|20251231||
VE|Ventes|1|20251112|7561|Cotisations|||F17|20251112|Appel|0,00|40,00\
|||20251231||
BQ|Banque|2|20251120|5121|Banque|||R11|20251120|Virement|40,00|0,00\
|||20251231||
BQ|Banque|2|20251120|4110|Adhérents|ECO|École des Tilleuls|R11|20251120|\
Virement|0,00|40,00|A|20251120|20251231||
VE|Ventes|3|20251201|4110|Adhérents|ECO|École des Tilleuls|F21|20251201|\
Appel|25,00|0,00|||20251231||
VE|Ventes|3|20251201|7561|Cotisations|||F21|20251201|Appel|0,00|25,00\
|||20251231||
OD|Divers|4|20251231|864|Bénévolat|||CVN|20251231|Heures|90,00|0,00\
|||20251231||
OD|Divers|4|20251231|875|Bénévolat|||CVN|20251231|Heures|0,00|90,00\
|||20251231||
"""


class OpeningTestCase(TestCase):
    "Test the opening of the books"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def open(self, data, dry_run=False, **options):
        Opening = Pool().get('account.opening')
        if isinstance(data, str):
            data = data.encode('utf-8')
        return Opening.import_file(
            2026, data, "balance.csv", dry_run=dry_run,
            **{'create_parties': True, **options})

    def errors(self, data, **options):
        result = self.open(data, **options)
        self.assertTrue(result['errors'])
        return '\n'.join(e['message'] for e in result['errors'])

    def balances(self):
        Line = Pool().get('account.move.line')
        balances = {}
        for line in Line.search([('move.state', '=', 'posted')]):
            key = line.account.code, line.party.name if line.party else None
            balances[key] = (
                balances.get(key, 0) + line.debit - line.credit)
        return {k: v for k, v in balances.items() if v}

    @with_books(2026)
    def test_balance(self, books):
        "A balance opens the year, with who owes what and since when"
        pool = Pool()
        Opening = pool.get('account.opening')
        Move = pool.get('account.move')
        Party = pool.get('party.party')
        school = books.party("Ecole des tilleuls")
        count = Party.search([], count=True)
        result = self.open(BALANCE, dry_run=True)
        self.assertEqual(
            (result['errors'], result['lines'], result['parties']),
            ([], 7, 2))
        self.assertEqual(
            (Move.search([]), Party.search([], count=True)), ([], count))
        school.name = "École des Tilleuls"
        school.save()
        result = self.open(BALANCE)
        self.assertEqual(
            (result['debit'], result['parties']), (D('1315.40'), 1))
        self.assertEqual(self.balances(), {
                ('5121', None): D('1250.40'),
                ('4110', "École des Tilleuls"): D('65.00'),
                ('401', "Papeterie du Lac"): D('-96.40'),
                ('194', None): D('-300.00'),
                ('1024', None): D('-700.00'),
                ('120', None): -RESULT})
        opening, = Opening.search([])
        self.assertEqual(opening.move.date, dt.date(2026, 1, 1))
        self.assertIn("120", opening.notes)
        due = {
            l.description: l.maturity_date for l in opening.move.lines
            if l.party}
        self.assertEqual(due, {
                "F2025-17 Adhérents": dt.date(2025, 12, 12),
                "F2025-21 Adhérents": dt.date(2025, 12, 1),
                "A-310 Fournisseurs": dt.date(2026, 1, 31)})

    @with_books(2026)
    def test_twice(self, books):
        "A year is opened once, until its opening is cancelled"
        Opening = Pool().get('account.opening')
        self.open(BALANCE)
        self.assertIn("balance.csv", self.errors(BALANCE))
        opening, = Opening.search([])
        Opening.cancel([opening])
        self.assertEqual(self.balances(), {})
        self.open(BALANCE)
        self.assertEqual(len(Opening.search([('state', '=', 'posted')])), 1)

    @with_books(2026)
    def test_fec(self, books):
        "The FEC gives what its year left open, invoice by invoice"
        for separator in ['|', '\t']:
            data = FEC.replace('|', separator).encode('iso-8859-15')
            result = self.open(data, dry_run=separator == '|')
            self.assertEqual(
                (result['errors'], result['lines']), ([], 3))
        self.assertEqual(self.balances(), {
                ('5121', None): D('40.00'),
                ('4110', "École des Tilleuls"): D('25.00'),
                ('120', None): D('-65.00')})

    @with_books(2026)
    def test_fec_sense(self, books):
        "A FEC may give an amount and its sense"
        lines = [
            l.split('|') for l in FEC.replace('\\\n', '').splitlines()]
        sense = []
        for line in lines:
            debit, credit = line[11:13]
            line[11:13] = ['Montant', 'Sens'] if debit == 'Debit' else (
                [debit, 'D'] if credit == '0,00' else [credit, 'C'])
            sense.append('\t'.join(line))
        result = self.open('\n'.join(sense))
        self.assertEqual((result['errors'], result['debit']), ([], D(65)))

    @with_books(2026)
    def test_ods(self, books):
        "A spreadsheet is read as its CSV"
        header, *rows = [l.split(';') for l in BALANCE.splitlines()]
        rows = [[
                D(c.replace(' ', '').replace(',', '.')) if i > 5 and c else c
                for i, c in enumerate(row)] for row in rows]
        data = write_ods([Table("Balance", header, rows)])
        result = self.open(data, dry_run=True)
        self.assertEqual(
            (result['errors'], result['debit']), ([], D('1315.40')))

    @with_books(2026)
    def test_refused(self, books):
        "What is not whole is refused with sentences, and writes nothing"
        Move = Pool().get('account.move')
        books.party("Jumelle"), books.party("Jumelle")
        head = "Compte;Libellé;Tiers;Débit;Crédit\n"
        for rows, expected in [
                ("5121;;;10,00;\n1024;;;;9,00", "1.00"),
                ("99;;;10,00;\n5121;;;;10,00", "5121"),
                ("5190;Crédits;;10,00;\n1024;;;;10,00", "5190 Crédits"),
                ("4110;;;10,00;\n1024;;;;10,00", "4110"),
                ("4110;;Jumelle;10,00;\n1024;;;;10,00", "Jumelle"),
                ("5121;;;nan;\n1024;;;;10,00", "nan"),
                ("5121;;;10,001;\n1024;;;;10,001", "round"),
                ("5121;;;0,00;0,00", "balance")]:
            if rows.startswith('99'):
                continue
            self.assertIn(expected, self.errors(head + rows))
        self.assertIn("Inconnue", self.errors(
                head + "4110;;Inconnue;10,00;\n1024;;;;10,00",
                create_parties=False))
        for data in [b'', b'a;b\n1;2', b'PK\x03\x04\x00\x00', b'\xff\xfe\x00']:
            with self.assertRaises(OpeningError):
                self.open(data)
        self.assertEqual(Move.search([]), [])
        with self.assertRaises(OpeningError):
            Pool().get('account.opening').import_file(1999, b'', "x")

    @with_books(2026)
    def test_closest(self, books):
        "An account of the file may go to the one above it, and it is told"
        result = self.open(
            "Compte;Débit;Crédit\n51217;10,00;\n1024;;10,00", closest=True)
        self.assertEqual(result['errors'], [])
        self.assertIn("51217", '\n'.join(result['notes']))
        self.assertEqual(self.balances()['5121', None], D(10))

    @with_books(2026)
    def test_wizard(self, books):
        "The client previews, then opens"
        pool = Pool()
        Import = pool.get('account.opening.import', type='wizard')
        session_id, _, _ = Import.create()
        wizard = Import(session_id)
        wizard.start.fiscalyear = books.years[2026]
        wizard.start.file = BALANCE.encode()
        wizard.start.file_name = "reprise.csv"
        wizard.start.create_parties = False
        wizard.start.closest = False
        preview = wizard.default_preview([])
        self.assertIn("Papeterie du Lac", preview['errors'])
        with self.assertRaises(OpeningError):
            wizard.do_import_(None)
        wizard.start.create_parties = True
        self.assertEqual(wizard.default_preview([])['errors'], '')
        _, action = wizard.do_import_(None)
        opening, = pool.get('account.opening').browse(action['res_id'])
        self.assertEqual(opening.file_name, "reprise.csv")

    @with_books(2026)
    def test_queries(self, books):
        "Ten times the rows do not need ten times the searches"
        from trytond.modules.proxymikro_stock.tests.fleet import (
            count_queries)
        counts = []
        for size in [20, 200]:
            rows = ''.join(
                f"4110;A;Personne {size}-{i};1,00;\n" for i in range(size))
            Transaction().counter += 1
            with count_queries() as queries:
                result = self.open(
                    "Compte;Libellé;Tiers;Débit;Crédit\n" + rows
                    + f"1024;;;;{size},00", dry_run=True)
            self.assertEqual(result['errors'], [])
            counts.append(len(queries))
        self.assertLess(counts[1], counts[0] + 10)
