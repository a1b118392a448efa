# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

import datetime as dt
import random
import unittest
from decimal import Decimal
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from trytond.modules.proxymikro_base import importer
from trytond.modules.proxymikro_base.importer import (
    Column, FileRefused, ValueProblem, read_table)

COLUMNS = [
    Column('kind', "type", required=True),
    Column('serial', "n° de série", aliases=("numéro de série", "s/n")),
    Column('weight', "poids (kg)"),
    ]
ACCENTS = "type;n° de série;poids (kg)\nécran;É1;5,5\n"


class ImporterTestCase(unittest.TestCase):
    "Test the reader of French tables"

    def refuse(self, data, **kwargs):
        with self.assertRaises(FileRefused) as context:
            read_table(data, COLUMNS, **kwargs)
        return context.exception.problems

    def value_refused(self, code, parse, text, *args, **kwargs):
        with self.assertRaises(ValueProblem) as context:
            parse(text, *args, **kwargs)
        self.assertEqual(context.exception.code, code)

    def test_encodings(self):
        "UTF-8, with or without mark, and cp1252 give the same table"
        for encoding, name in [
                ('utf-8', 'utf-8'), ('utf-8-sig', 'utf-8'),
                ('cp1252', 'cp1252')]:
            with self.subTest(encoding=encoding):
                table = read_table(ACCENTS.encode(encoding), COLUMNS)
                self.assertEqual(table.encoding, name)
                row, = table.rows
                self.assertEqual(row.line, 2)
                self.assertEqual(row.values, {
                        'kind': "écran", 'serial': "É1", 'weight': "5,5"})

    def test_encoding_refused(self):
        "What is neither is refused"
        for data in [ACCENTS.encode('utf-16'), b'type\n\x81\x8d\n']:
            problem, = self.refuse(data)
            self.assertEqual(problem.code, 'file_encoding')

    def test_delimiters(self):
        "The delimiter is the one which finds the columns"
        for delimiter in ';,\t':
            with self.subTest(delimiter=delimiter):
                table = read_table(
                    f'type{delimiter}"poids (kg)"\n'
                    f'PC{delimiter}"5,5"\n'.encode(), COLUMNS)
                self.assertEqual(table.delimiter, delimiter)
                self.assertEqual(
                    table.rows[0].values, {'kind': "PC", 'weight': "5,5"})

    def test_wrong_delimiter(self):
        "Another delimiter leaves a column that is not known"
        problems = self.refuse(b'type|poids (kg)\nPC|5\n')
        self.assertEqual(
            {p.code for p in problems}, {'column_unknown', 'column_missing'})

    def test_header_labels(self):
        "Labels are read without case, accents and signs"
        for label in ["N° de série", "numero de serie", " n° DE  SÉRIE ",
                "S/N"]:
            with self.subTest(label=label):
                table = read_table(f'type;{label}\nPC;1\n'.encode(), COLUMNS)
                self.assertEqual(table.rows[0].values['serial'], '1')

    def test_header_refused(self):
        "Missing, doubled and unknown columns refuse the file"
        for header, code, column in [
                ("poids (kg)", 'column_missing', "type"),
                ("type;Type", 'column_twice', "Type"),
                ("type;poid", 'column_unknown', "poid"),
                ]:
            with self.subTest(header=header):
                problem, = self.refuse(f'{header}\na;b\n'.encode())
                self.assertEqual(
                    (problem.line, problem.column, problem.code),
                    (1, column, code))
        self.assertEqual(problem.values['near'], "poids (kg)")

    def test_header_ignored(self):
        "A column whose label starts with # is left aside"
        table = read_table(b'type;#couleur;\nPC;\x1b;x\n', COLUMNS)
        self.assertEqual(table.rows[0].values, {'kind': "PC"})

    def test_lines(self):
        "Each row knows the line of the file it starts on"
        table = read_table(
            b'sep=;\r\ntype;s/n\r\n\r\nPC;"1\r\n2"\r\n;;\r\nPC;3\r\n',
            COLUMNS)
        self.assertEqual(
            [(r.line, r.values['serial']) for r in table.rows],
            [(4, "1 2"), (7, "3")])

    def test_cells(self):
        "A row may be short but not long"
        table = read_table(b'type;s/n\nPC\nPC;1;;\nPC;1;2\n', COLUMNS)
        self.assertEqual([r.line for r in table.rows], [2, 3])
        problem, = table.problems
        self.assertEqual((problem.line, problem.code), (4, 'row_cells'))

    def test_quotes(self):
        "An unclosed quote is refused with its line"
        problem, = self.refuse(b'type;s/n\nPC;1\nPC;"2\n')
        self.assertEqual((problem.line, problem.code), (3, 'file_quotes'))

    def test_empty(self):
        for data in [b'', b'\n\n', b'\xef\xbb\xbf']:
            with self.subTest(data=data):
                problem, = self.refuse(data)
                self.assertEqual(problem.code, 'file_empty')

    def test_caps(self):
        "A file has at most so many bytes and rows"
        with patch.object(importer, 'MAX_ROWS', 3):
            self.assertEqual(
                len(read_table(b'type\n' + b'PC\n' * 3, COLUMNS).rows), 3)
            problem, = self.refuse(b'type\n' + b'PC\n' * 4)
        self.assertEqual(
            (problem.code, problem.values), ('file_rows', {'rows': 3}))
        problem, = self.refuse(b'a' * (20 * 2**20 + 1))
        self.assertEqual(
            (problem.code, problem.values), ('file_size', {'size': 20}))

    def test_characters(self):
        "What can't be shown is refused with its line and column"
        for char in ['\x00', '\x1b', '\x7f', '\u202e', '\ud800', '\uffff']:
            with self.subTest(char=ascii(char)):
                self.value_refused(
                    'value_character', importer.parse_text, f'a{char}b')
        table = read_table('type;s/n\nPC;a\x00b\nPC;1\n'.encode(), COLUMNS)
        problem, = table.problems
        self.assertEqual(
            (problem.line, problem.column, problem.values['character']),
            (2, "n° de série", 'U+0000'))
        self.assertNotIn('\x00', problem.values['value'])
        self.assertEqual([r.line for r in table.rows], [3])

    def test_text(self):
        for text, value in [
                (" Jean\u00a0 Dupont\n", "Jean Dupont"),
                ("\ufeffa\u200bb", "ab"),
                ("<b>É & l'été", "<b>É & l'été"),
                ("=1+1", "=1+1"),
                ]:
            self.assertEqual(importer.parse_text(text), value)
        self.assertEqual(importer.parse_text('é' * 250), 'é' * 250)
        self.value_refused('value_long', importer.parse_text, 'é' * 251)
        self.value_refused('value_text', importer.parse_text, 12)

    def test_decimal(self):
        "A decimal has a comma, ASCII digits and well placed spaces"
        for text, value in [
                ("1,5", '1.5'), ("1 000,50", '1000.50'),
                ("1\u202f000", '1000'), ("1\u00a0234\u00a0567,8", '1234567.8'),
                ("-2", '-2'), ("+0,001", '0.001'), (" 12 ", '12'),
                ("1234567", '1234567')]:
            with self.subTest(text=text):
                number = importer.parse_decimal(text)
                self.assertIsInstance(number, Decimal)
                self.assertEqual(number, Decimal(value))
        self.assertIsNone(importer.parse_decimal("  "))
        for text in ["1.5", "1_0", "١", "１", "1e3", "nan", "inf", "-inf",
                "1,", ",5", "1,5,5", "10 00", "1  000 00", "0x10", "5 kg",
                "--1", "9" * 13]:
            with self.subTest(text=text):
                self.value_refused(
                    'value_decimal', importer.parse_decimal, text)

    def test_bounds(self):
        self.assertEqual(
            importer.parse_decimal("200", minimum=0, maximum=200), 200)
        for text in ["-0,1", "200,01"]:
            self.value_refused(
                'value_bounds', importer.parse_decimal, text,
                minimum=0, maximum=200)

    def test_integer(self):
        self.assertEqual(importer.parse_integer("2147483647"), 2**31 - 1)
        self.assertIsNone(importer.parse_integer(""))
        self.value_refused(
            'value_bounds', importer.parse_integer, "2147483648")
        for text in ["1,5", "1 000", "1_0", "١", "9" * 11]:
            self.value_refused(
                'value_integer', importer.parse_integer, text)

    def test_date(self):
        for text in ["31/12/2026", "2026-12-31"]:
            self.assertEqual(
                importer.parse_date(text), dt.date(2026, 12, 31))
        self.assertIsNone(importer.parse_date(" "))
        for text in ["13/14/26", "31/02/2026", "1/2/2026", "12/31/2026",
                "2026/12/31", "31.12.2026", "01/01/0001", "0000-00-00",
                "٣١/١٢/٢٠٢٦"]:
            with self.subTest(text=text):
                self.value_refused('value_date', importer.parse_date, text)
        self.value_refused(
            'value_date_future', importer.parse_date, "02/01/2026",
            maximum=dt.date(2026, 1, 1))

    def test_today(self):
        "A file may name the day that has begun in France only"
        moment = dt.datetime(2026, 11, 28, 23, 30, tzinfo=dt.timezone.utc)
        with patch.object(importer, 'dt') as clock:
            clock.datetime.now.side_effect = moment.astimezone
            self.assertEqual(importer.today(), dt.date(2026, 11, 29))

    def test_choice(self):
        choices = {"Écran": 1, "Ordinateur portable": 2}
        self.assertEqual(importer.parse_choice("ecran", choices), 1)
        self.assertIsNone(importer.parse_choice("", choices))
        with self.assertRaises(ValueProblem) as context:
            importer.parse_choice("Portable", choices)
        self.assertEqual(
            context.exception.values['near'], "Ordinateur portable")

    def test_duplicates(self):
        self.assertEqual(
            importer.duplicates(["a", "b", "a", None, None, ""]), {"a"})

    @settings(max_examples=200, deadline=None, database=None)
    @given(st.text())
    def test_values_any_text(self, text):
        "Whatever the text, a parser returns a value or says the problem"
        for parse in [
                importer.parse_text, importer.parse_decimal,
                importer.parse_integer, importer.parse_date]:
            try:
                value = parse(text)
            except ValueProblem:
                continue
            if isinstance(value, Decimal):
                self.assertTrue(value.is_finite())

    def test_any_bytes(self):
        "Whatever the bytes, there is a table or a refusal"
        generator = random.Random(20261123)
        parts = [b'type', b's/n', b';', b',', b'\t', b'"', b'\n', b'\r',
            b'\x00', b'\xff', b'\xc3\xa9', b'\xe9', b'PC', b'=', b'#']
        tables = 0
        for _ in range(500):
            data = b'type;s/n\n' * generator.randint(0, 1) + b''.join(
                generator.choices(parts, k=generator.randint(0, 40)))
            try:
                table = read_table(data, COLUMNS)
            except FileRefused as refusal:
                self.assertTrue(refusal.problems)
                continue
            tables += 1
            for row in table.rows:
                for value in row.values.values():
                    self.assertEqual(importer.parse_text(value), value)
        self.assertGreater(tables, 50)
