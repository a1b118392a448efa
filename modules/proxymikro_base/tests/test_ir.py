# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from unittest.mock import Mock

from trytond import backend
from trytond.model import ModelView
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, drop_db, with_transaction)
from trytond.transaction import Transaction


class IrTestCase(TestCase):
    "Test the names of the models and the queue"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        activate_module('proxymikro_base', 'fr')

    def read(self, **context):
        Model = Pool().get('ir.model')
        with Transaction().set_context(context):
            items = Model.get_name_items(ModelView)
            names = Model.get_names(ModelView)
        self.assertEqual(dict(items), names)
        return names['party.party']

    @with_transaction()
    def test_names(self):
        "They are made once by language, whatever the record that is open"
        cache = Pool().get('ir.model')._get_names_cache
        en, fr = "Party", "Personne ou organisme"
        self.assertEqual(self.read(language='en', active_id=1), en)
        self.assertEqual(self.read(language='fr', active_id=1), fr)
        made = cache.miss
        self.assertEqual(self.read(language='en', active_id=2), en)
        self.assertEqual(self.read(language='fr', active_ids=[2]), fr)
        self.assertEqual(cache.miss, made)

    @with_transaction()
    def test_pull(self):
        "The worker tries again, or leaves if the connection won't come back"
        Queue = Pool().get('ir.queue')
        for closed, left in [
                (False, backend.DatabaseOperationalError), (True, SystemExit)]:
            connection = Mock(closed=closed)
            connection.cursor.return_value.execute.side_effect = (
                backend.DatabaseOperationalError("restarted"))
            with self.subTest(closed=closed), self.assertRaises(left):
                Queue.pull(Transaction().database, connection)
