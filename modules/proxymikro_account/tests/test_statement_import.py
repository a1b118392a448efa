# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The files of the bank: what is read, what is known, what is refused."""
import datetime as dt
from decimal import Decimal as D

from trytond.modules.account_statement.exceptions import ImportStatementError
from trytond.modules.proxymikro_account.exceptions import (
    StatementBalanceError, StatementCurrencyError, StatementDuplicateError,
    StatementFileError, StatementMappingError, StatementOverlapWarning,
    StatementPeriodError)
from trytond.modules.proxymikro_account.statement_cfonb import (
    CFONBError, parse, parse_amount)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .bank import NUMBER, camt, cfonb, ofx, with_bank

D2, D3, D4 = (dt.date(2026, 3, d) for d in [2, 3, 4])
ROWS = [
    ('A1', D2, D('84.00'), "METAUX DU LITTORAL"),
    ('A2', D3, D('-3.50'), "FRAIS"),
    ('A3', D3, D('-3.50'), "FRAIS"),
    ]
CSV = """Compte 12345678901
Solde au 04/03/2026

Date;Libellé;Détail;Montant;Solde
03/03/2026;FRAIS;TENUE DE COMPTE;-3,50;1 080,50
02/03/2026;VIR RECU;MÉTAUX DU LITTORAL;+84,00;1 084,00
"""


def amounts(statement):
    return [o.amount for o in statement.origins]


class StatementImportTestCase(TestCase):
    "Test the import of the files of the bank"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_account')

    def refuse(self, bank, error, format_, data, *words, **values):
        "The file is refused with the words, and nothing is written"
        pool = Pool()
        before = [
            pool.get(n).search([], count=True) for n in [
                'account.statement', 'account.statement.origin',
                'account.statement.line']]
        with self.assertRaises(error) as context:
            bank.import_(format_, data, **values)
        for word in words:
            self.assertIn(word, str(context.exception))
        self.assertEqual(before, [
                pool.get(n).search([], count=True) for n in [
                    'account.statement', 'account.statement.origin',
                    'account.statement.line']])

    @with_bank
    def test_ofx(self, bank):
        "Two equal transactions are two, the same identifier twice is one"
        statement, = bank.import_('ofx', ofx(ROWS + ROWS[2:], '577.00'))
        self.assertEqual(amounts(statement), [D('84.00'), D('-3.50')] + [
                D('-3.50')])
        self.assertEqual(statement.start_balance, D('500.00'))

    @with_bank
    def test_same_file(self, bank):
        "The same file again is refused, whatever its format"
        for format_, data in [
                ('ofx', ofx(ROWS, '577.00')),
                ('camt_053_001', camt(
                        [('C1', D4, D('10'), "X")], D(577), D(587))),
                ('cfonb120', cfonb(
                        [('', D4, D('5'), "Y")], D(587), D(592)))]:
            statement, = bank.import_(format_, data)
            with self.subTest(format=format_):
                self.refuse(
                    bank, StatementDuplicateError, format_, data,
                    statement.rec_name)
        statement.cancel([statement])
        again, = bank.import_(format_, data)
        self.assertEqual(amounts(again), [D(5)])

    @with_bank
    def test_overlap(self, bank):
        "A file which overlaps warns, then brings what is new"
        Warning = Pool().get('res.user.warning')
        bank.import_('camt_053_001', camt([
                    ('', D2, D('25'), "FEE"), ('', D2, D('25'), "FEE")],
                D(0), D(50)))
        data = camt([
                ('', D2, D('25'), "FEE")] * 3 + [('', D3, D('7'), "NEW")],
            D(0), D(82))
        with self.assertRaises(StatementOverlapWarning) as context:
            bank.import_('camt_053_001', data)
        self.assertIn("2 transactions", str(context.exception))
        Warning.create([{
                    'user': 1, 'name': context.exception.name}])
        statement, = bank.import_('camt_053_001', data)
        self.assertEqual(amounts(statement), [D(25), D(7)])
        self.assertEqual(
            (statement.start_balance, statement.end_balance), (D(50), D(82)))

    @with_bank
    def test_balance(self, bank):
        "The balances follow each other, in the file and between files"
        self.refuse(
            bank, StatementBalanceError, 'camt_053_001',
            camt([('1', D2, D(5), "X")], D(0), D(6)), '5', '6')
        first, = bank.import_('cfonb120', cfonb(
                [('1', D2, D(5), "X")], D(100), D(105)))
        self.refuse(
            bank, StatementBalanceError, 'cfonb120',
            cfonb([('2', D4, D(5), "X")], D(110), D(115)),
            first.name, '105', '110')
        bank.import_('cfonb120', cfonb(
                [('3', D4, D(5), "X")], D(105), D(110)))
        self.refuse(
            bank, StatementBalanceError, 'cfonb120',
            cfonb([('4', D3, D(1), "X")], D(105), D(106)), '106', '105')

    @with_bank
    def test_currency(self, bank):
        "Another currency is refused wherever it is"
        self.refuse(
            bank, StatementCurrencyError, 'ofx',
            ofx(ROWS, '577.00', currency='USD'), 'USD', 'EUR')
        self.refuse(
            bank, StatementCurrencyError, 'cfonb120',
            cfonb([('1', D2, D(5), "X")], D(0), D(5), currency='CHF'), 'CHF')
        self.refuse(
            bank, StatementCurrencyError, 'camt_053_001',
            camt([('1', D2, D(5), "X", 'USD')], D(0), D(5)), 'USD')
        self.refuse(
            bank, StatementCurrencyError, 'csv',
            b"Date;Montant;Libelle;Devise\n02/03/2026;5,00;X;USD\n", 'USD',
            mapping=bank.mapping(currency="Devise", descriptions="Libellé"))

    @with_bank
    def test_account(self, bank):
        "An account of nobody is refused by its number"
        other = '99999999999'
        for format_, data in [
                ('ofx', ofx(ROWS, '577.00', account=other)),
                ('cfonb120', cfonb(
                        [('1', D2, D(5), "X")], D(0), D(5), account=other)),
                ('camt_053_001', camt(
                        [('1', D2, D(5), "X")], D(0), D(5), iban=other))]:
            with self.subTest(format=format_):
                self.refuse(bank, ImportStatementError, format_, data, other)

    @with_bank
    def test_period(self, bank):
        "A closed period and a year not open are refused by name"
        Period = Pool().get('account.period')
        data = ofx(ROWS, '577.00')
        period, = Period.search([
                ('start_date', '<=', D2), ('end_date', '>=', D2)])
        period.state = 'closed'
        period.save()
        self.refuse(
            bank, StatementPeriodError, 'ofx', data, period.rec_name)
        self.refuse(
            bank, StatementPeriodError, 'ofx',
            ofx([('1', dt.date(2031, 1, 2), D(5), "X")], '5'), '2031')

    @with_bank
    def test_amount(self, bank):
        "What is no amount of the currency is refused"
        mapping = bank.mapping(descriptions="Libellé")
        for amount in ['nan', '-NaN', 'inf', 'Infinity', '1e30', '1.005']:
            with self.subTest(amount=amount):
                self.refuse(
                    bank, StatementFileError, 'ofx',
                    ofx([('1', D2, amount, "X")], '5'))
                self.refuse(
                    bank, StatementFileError, 'camt_053_001',
                    camt([('1', D2, D(5), "X")], D(0), D(5)).replace(
                        b'>5<', b'>%s<' % amount.encode()))
                self.refuse(
                    bank, StatementFileError, 'csv',
                    f"Date;Montant;Libellé\n02/03/2026;{amount};X".encode(),
                    mapping=mapping)

    @with_bank
    def test_unreadable(self, bank):
        "A file of another kind, cut or disguised is refused"
        mapping = bank.mapping()
        sound = {
            'ofx': ofx(ROWS, '577.00'),
            'camt_053_001': camt([('1', D2, D(5), "X")], D(0), D(5)),
            'cfonb120': cfonb([('1', D2, D(5), "X")], D(0), D(5)),
            'csv': CSV.encode(),
            }
        junk = [
            b'', b'\0' * 200, b'\xff\xfe\x81' * 50, b'%PDF-1.7\n1 0 obj',
            'Relevé'.encode('utf-16'), b'PK\x03\x04' + bytes(range(256)),
            b'<?xml version="1.0"?><a/>']
        for format_ in sound:
            others = [d for f, d in sound.items() if f != format_]
            cut = [] if format_ in {'ofx', 'csv'} else [sound[format_][:-150]]
            for data in junk + others + cut:
                with self.subTest(format=format_, data=data[:20]):
                    self.refuse(
                        bank, ImportStatementError, format_, data,
                        mapping=mapping)

    @with_bank
    def test_entities(self, bank):
        "An XML file can't read those of the server"
        data = camt([('1', D2, D(5), "&x;")], D(0), D(5)).replace(
            b'<Document', b'<!DOCTYPE d [<!ENTITY x SYSTEM '
            b'"file:///etc/hostname">]><Document')
        self.refuse(bank, StatementFileError, 'camt_053_001', data)

    @with_bank
    def test_camt(self, bank):
        "The reference of the bank numbers the transactions"
        statement, = bank.import_('camt_053_001', camt([
                    ('REF1', D2, D('84.00'), "METAUX"),
                    ('REF2', D3, D('-3.50'), "FRAIS")],
                D('10.00'), D('90.50')))
        self.assertEqual(
            [(o.number, o.date, o.amount, o.description)
                for o in statement.origins],
            [('REF1', D2, D('84.00'), "METAUX"),
                ('REF2', D3, D('-3.50'), "FRAIS")])
        self.assertEqual(statement.date, D3)

    @with_bank
    def test_cfonb(self, bank):
        "The blocks of the days make a statement, with their complements"
        data = b'\n'.join([
            cfonb([('12', D2, D('84.05'), "VIR SEPA RECU",
                    ('NPY', "MÉTAUX DU LITTORAL"),
                    ('LCC', "FACTURE F2026-0001"))],
                D('-500.00'), D('-415.95')),
            cfonb([('', D3, D('-3.50'), "FRAIS")],
                D('-415.95'), D('-419.45'))])
        statement, = bank.import_('cfonb120', data)
        first, second = statement.origins
        self.assertEqual(
            (first.number, first.date, first.amount, first.description),
            ('0000012', D2, D('84.05'),
                "VIR SEPA RECU MÉTAUX DU LITTORAL FACTURE F2026-0001"))
        self.assertEqual((second.number, second.amount), (None, D('-3.50')))
        self.assertEqual(
            (statement.journal, statement.start_balance,
                statement.end_balance, statement.date),
            (bank.journal, D('-500.00'), D('-419.45'), D3))

    @with_bank
    def test_csv(self, bank):
        "A mapping reads the columns of the bank, last transaction first"
        mapping = bank.mapping(skip=3, balance="Solde")
        for encoding in ['utf-8-sig', 'cp1252']:
            statement, = bank.import_(
                'csv', CSV.encode(encoding), mapping=mapping)
            self.assertEqual(
                [(o.date, o.amount, o.description)
                    for o in statement.origins],
                [(D2, D('84.00'), "VIR RECU MÉTAUX DU LITTORAL"),
                    (D3, D('-3.50'), "FRAIS TENUE DE COMPTE")])
            self.assertEqual(
                (statement.start_balance, statement.end_balance),
                (D('1000.00'), D('1080.50')))
            statement.cancel([statement])

    @with_bank
    def test_csv_balance(self, bank):
        "A missing row shows in the balances"
        self.refuse(
            bank, StatementBalanceError, 'csv',
            CSV.replace('1 084,00', '1 090,00').encode(), "Estuaire",
            mapping=bank.mapping(skip=3, balance="Solde"))

    @with_bank
    def test_csv_columns(self, bank):
        "Debit and credit have their columns, a balance is not needed"
        mapping = bank.mapping(
            amount=None, debit="Débit", credit="Crédit", decimal_point='.',
            date_format='%Y-%m-%d', descriptions="Libellé")
        statement, = bank.import_('csv', (
                "Date,Débit,Crédit,Libellé\n"
                '2026-03-02,,"1,084.00",VIREMENT\n'
                "2026-03-03,-3.50,,FRAIS\n"
                "2026-03-04,4.50,,FRAIS\n").encode(), mapping=mapping)
        self.assertEqual(
            amounts(statement), [D('1084.00'), D('-3.50'), D('-4.50')])
        self.assertEqual(
            (statement.start_balance, statement.end_balance),
            (D(0), D('1076.00')))
        later, = bank.import_('csv', (
                "Date,Débit,Crédit,Libellé\n2026-03-05,6.00,,X\n").encode(),
            mapping=mapping)
        self.assertEqual(later.end_balance, D('1070.00'))

    @with_bank
    def test_csv_errors(self, bank):
        "Each wrong cell is told by its line and its column"
        self.refuse(
            bank, StatementFileError, 'csv',
            CSV.replace('03/03/2026', '31/02/2026').replace(
                '+84,00', 'beaucoup').encode(),
            "Line 5", '"Date"', "31/02/2026", "Line 6", '"Montant"',
            "beaucoup", mapping=bank.mapping(skip=3))
        self.refuse(
            bank, StatementFileError, 'csv',
            "Jour;Montant;Libellé\n".encode(), '"Date"',
            mapping=bank.mapping())

    @with_bank
    def test_mapping(self, bank):
        "A column is named only once"
        with self.assertRaises(StatementMappingError):
            bank.mapping(balance="montant")


class CFONBTestCase(TestCase):
    "Test the records of CFONB 120"

    def test_amount(self):
        "The last character holds the sign"
        for text, amount in [
                ('0000000000001{', '0.10'), ('0000000000001}', '-0.10'),
                ('0000000012345I', '1234.59'), ('0000000012345R', '-1234.59'),
                ]:
            self.assertEqual(parse_amount(text, '2'), D(amount))
        for text in ['0000000000001 ', '00000000000 1{', '']:
            with self.assertRaises(CFONBError):
                parse_amount(text, '2')

    def test_one_line(self):
        "The records may follow each other without an end of line"
        data = cfonb([('1', D2, D(5), "X")], D(0), D(5))
        account, = parse(data.replace(b'\r\n', b''))
        self.assertEqual((account.number, account.end_balance), (NUMBER, 5))
        self.assertEqual(len(account.transactions), 1)

    def test_order(self):
        "The records come in their order"
        first, second, third = cfonb(
            [('1', D2, D(5), "X")], D(0), D(5)).split(b'\r\n')
        for records in [
                [second], [first, first], [first, second], [third],
                [first, b'99' + second[2:], third],
                [first, second + b'x', third]]:
            with self.assertRaises(CFONBError):
                parse(b'\n'.join(records))
