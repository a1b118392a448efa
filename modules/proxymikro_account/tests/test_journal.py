# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A module may be added to books that are kept already."""
import datetime as dt

from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

TODAY = dt.date.today()


class JournalTestCase(TestCase):
    "Test the journals"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    @with_books(TODAY.year)
    def test_same_type(self, books):
        "The type of a journal in use may be written again, not changed"
        Journal = Pool().get('account.journal')
        move = books.move(TODAY, ('5121', 10, 0), ('7561', 0, 10))
        Journal.write([move.journal], {'name': "Divers", 'type': 'general'})
        self.assertEqual(Journal(move.journal.id).name, "Divers")
        with self.assertRaises(AccessError):
            Journal.write([move.journal], {'type': 'revenue'})

    @with_books(TODAY.year)
    def test_two_months(self, books):
        "Who opens a journal for a month may open others at once"
        JournalPeriod = Pool().get('account.journal.period')
        for month in [1, 2, 3]:
            # Starting again here would be starting again for ever
            books.move(
                dt.date(TODAY.year, month, 1), ('5121', 10, 0),
                ('7561', 0, 10))
            JournalPeriod.lock()
