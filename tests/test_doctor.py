# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Each check and each scheduled task has its section in the manual."""
import re
import unittest
from pathlib import Path
from unittest.mock import patch
from xml.etree import ElementTree

from command.database import MODULES
from command.server import doctor
from command.server.checks import BROKEN
from command.tools import ROOT, Failure
from trytond.tools import find_dir

from .database import closure


def crons(module):
    "Yield the methods of the scheduled tasks of the module"
    for path in Path(find_dir(module)).glob('*.xml'):
        for record in ElementTree.parse(path).iter('record'):
            if record.get('model') == 'ir.cron':
                yield record.find("field[@name='method']").text


def read(name):
    return (ROOT / 'docs' / name).read_text(encoding='utf-8')


class ManualTestCase(unittest.TestCase):
    "Test the manual knows all that the server says and does"

    def test_checks(self):
        found = re.findall(r'(?m)^### `(\w+)`$', read('depannage.md'))
        self.assertEqual(found, list(doctor.CHECKS))

    def test_needs(self):
        "Test a check comes after the one it needs"
        names = list(doctor.CHECKS)
        for name, need in doctor.NEEDS.items():
            self.assertLess(names.index(need), names.index(name))

    def test_scheduled_tasks(self):
        text = read('taches-planifiees.md')
        ours = set()
        for module in closure(MODULES):
            for method in crons(module):
                with self.subTest(method=method):
                    self.assertIn('`%s`' % method.replace(
                            '|', '|' if module in MODULES else '\\|'), text)
                if module in MODULES:
                    ours.add(method)
        sections = re.findall(r'(?m)^### .*\n\n`([^`]*)`', text)
        self.assertEqual(set(sections), ours)


class FailureTestCase(unittest.TestCase):
    "Test what is said of a check that could not be made"

    def test_psql(self):
        "Test the cause is said, not the hint that follows it"
        def check(place):
            raise Failure("PostgreSQL : échec.\npsql: error: no such socket\n"
                "\tIs the server running?\n")
        with patch.dict(doctor.CHECKS, horloge=check):
            self.assertEqual(
                doctor.examine(None, 'horloge', {}),
                (BROKEN, "psql: error: no such socket"))
