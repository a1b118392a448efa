# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rules of the house that a machine can read."""
import ast
import pathlib
import re
import subprocess
import unittest
from xml.etree import ElementTree

ROOT = pathlib.Path(__file__).parent.parent
LINES = 400
FUNCTION = 40


def files(suffix):
    listed = subprocess.run(
        ['git', 'ls-files', '-co', '--exclude-standard', f'*{suffix}'],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        ROOT / name for name in listed.splitlines() if (ROOT / name).exists()]


class HouseTestCase(unittest.TestCase):
    "Test the rules of the house"

    def test_lines(self):
        "A file that outgrows its budget wants to be two things"
        for path in files('.py'):
            with self.subTest(file=path.name):
                lines = path.read_text(encoding='utf-8').count('\n')
                self.assertLessEqual(lines, LINES, path)

    def test_functions(self):
        "So does a function, __setup__ excused"
        for path in files('.py'):
            tree = ast.parse(path.read_text(encoding='utf-8'))
            for node in ast.walk(tree):
                if (isinstance(node, ast.FunctionDef)
                        and node.name != '__setup__'):
                    with self.subTest(file=path.name, function=node.name):
                        length = node.end_lineno - node.lineno + 1
                        self.assertLessEqual(length, FUNCTION, path)

    def test_errors(self):
        "An error has a name and its message is in message.xml"
        for path in files('.py'):
            if path == pathlib.Path(__file__):
                continue
            text = path.read_text(encoding='utf-8')
            with self.subTest(file=path.name):
                self.assertNotIn('raise UserError(', text)

    def test_header(self):
        "Every source says where its license is"
        for path in files('.py'):
            text = path.read_text(encoding='utf-8')
            with self.subTest(file=path.name):
                self.assertTrue(
                    not text or 'LICENSE file at the top level' in text, path)

    def test_years(self):
        "A year is no quantity: it has no separator of thousands"
        pattern = re.compile(r'(\w*year) = [^=]*?fields\.Integer\(')
        names = {
            name for path in files('.py')
            for name in pattern.findall(path.read_text(encoding='utf-8'))}
        self.assertIn('year', names)
        for path in (p for p in files('.xml') if p.parent.name == 'view'):
            view = ElementTree.parse(path).getroot()
            for field in view.iter('field'):
                if field.get('name') in names:
                    with self.subTest(view=path.name):
                        # A graph always groups: rec_name says the year
                        self.assertNotEqual(view.tag, 'graph')
                        self.assertEqual(field.get('grouping'), '0')
