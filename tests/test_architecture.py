# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""ARCHITECTURE.md tells the truth about the life of each document."""
import pathlib
import re

from trytond.model import ModelSQL, Workflow
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)

from .test_rights import MODULES, ours

PAGE = pathlib.Path(__file__).parent.parent / 'ARCHITECTURE.md'
SECTION = re.compile(
    r'^### `([\w.]+)`.*?```mermaid\nstateDiagram-v2\n(.*?)```', re.M | re.S)
ARROW = re.compile(r'(\w+) --> (\w+)')
# The documents of core that the story goes through
CORE = {'stock.shipment.in', 'production'}


def diagrams():
    return {
        name: set(ARROW.findall(body))
        for name, body in SECTION.findall(PAGE.read_text(encoding='utf-8'))}


class ArchitectureTestCase(TestCase):
    "Test the state diagrams"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module(MODULES)

    @with_transaction()
    def test_diagrams(self):
        "Each diagram has the arrows of the code, no more and no less"
        for name, arrows in diagrams().items():
            with self.subTest(document=name):
                self.assertEqual(
                    arrows, set(Pool().get(name)._transitions))

    @with_transaction()
    def test_complete(self):
        "Each document has its diagram"
        documents = CORE | {
            name for name, cls in ours('model')
            if issubclass(cls, Workflow) and issubclass(cls, ModelSQL)}
        self.assertEqual(set(diagrams()), documents)
