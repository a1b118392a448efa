# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Two servers on one database: what one does the other knows, or takes over.

Each is in a network namespace of its own where the user may make one, on a port
of its own otherwise.
"""
import contextlib
import threading
import time
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import postgresql
from tests.application import Application, restore, sql
from tests.load.run import Run
from tests.rpc import Failed, Refused

from .namespace import is_possible, namespaces

# What the servers do not share: neither memory nor disk
SETTINGS = '''
[attachment]
filestore = False
'''
# Seconds until the other server knows, on shared cores
SOON = 10
BATCH, BATCHES = 20, 10


class TwoServersTestCase(unittest.TestCase):
    "Test the application on two hosts"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        places = [(None, 'localhost', 'localhost')] * 2
        if is_possible():
            places = stack.enter_context(namespaces(2))
        cls.server = stack.enter_context(postgresql.running(
                postgresql.DURABLE,
                [here for name, _, here in places if name]))
        restore(cls.server)
        folder = Path(stack.enter_context(
                TemporaryDirectory(prefix='proxymikro-')))
        cls.servers = []
        for i, (name, there, here) in enumerate(places):
            server = Application(
                folder / str(i), cls.server.get_uri(here), workers=1,
                settings=SETTINGS, address=there,
                inside=['ip', 'netns', 'exec', name] if name else [])
            stack.callback(server.stop)
            cls.servers.append(server.start())

    def log_in(self, login):
        "Return a session on each server"
        return [s.log_in(login) for s in self.servers]

    def assertSoon(self, get, value):
        deadline = time.monotonic() + SOON
        while (found := get()) != value and time.monotonic() < deadline:
            time.sleep(.1)
        self.assertEqual(found, value)

    def test_1_seen(self):
        "What is changed on one server is what the other says"
        here, there = self.log_in('admin')
        party, = here.call('model.party.party.create', [{'name': "Avant"}])

        def name():
            return there.call(
                'model.party.party.read', [party], ['rec_name'])[0]['rec_name']
        self.assertEqual(name(), "Avant")
        here.call('model.party.party.write', [party], {'name': "Après"})
        self.assertSoon(name, "Après")

        def label():
            fields = there.call('model.stock.lot.fields_get', ['token'])
            return fields['token']['string']
        before = label()
        self.assertNotEqual(before, "Clé")
        ids = here.call(
            'model.ir.translation.search',
            [('name', '=', 'stock.lot,token'), ('lang', '=', 'fr'),
                ('type', '=', 'field')], 0, None, None)
        here.call('model.ir.translation.write', ids, {'value': "Clé"})
        self.assertSoon(label, "Clé")

    def test_2_rights(self):
        "A right and a group given or taken on one server hold on the other"
        here, _ = self.log_in('admin')
        _, audit = self.log_in('controle')

        def may_create():
            try:
                audit.call('model.stock.loan.create', [])
            except Refused:
                return False
            return True
        self.assertFalse(may_create())
        group, = here.call('model.res.group.create', [{'name': "Renfort"}])
        access, = here.call('model.ir.model.access.create', [{
                    'model': 'stock.loan', 'group': group,
                    'perm_read': True, 'perm_create': True}])
        user, = here.call(
            'model.res.user.search', [('login', '=', 'controle')], 0, None,
            None)
        here.call(
            'model.res.user.write', [user], {'groups': [('add', [group])]})
        self.assertSoon(may_create, True)
        here.call(
            'model.ir.model.access.write', [access], {'perm_create': False})
        self.assertSoon(may_create, False)

    def test_3_session(self):
        "A session that one server opened is good on the other"
        client, other = self.servers[0].log_in('accueil'), self.servers[1]
        client.move(other.url)
        preferences = client.call('model.res.user.get_preferences', True)
        self.assertEqual(
            preferences['employee'], client.context['employee'])

    def test_4_attachment(self):
        "What is attached on one server is read on the other: it is in the base"
        here, there = self.log_in('presidence')
        party, = here.call(
            'model.party.party.search', [], 0, 1, None)
        attachment, = here.call('model.ir.attachment.create', [{
                    'name': "convention.pdf", 'type': 'data',
                    'data': b'%PDF-1.7 signed',
                    'resource': f'party.party,{party}'}])
        read, = there.call(
            'model.ir.attachment.read', [attachment], ['data'])
        self.assertEqual(read['data'], b'%PDF-1.7 signed')

    def test_5_killed(self):
        "One is killed amid lends and an import: what was answered is there"
        first, second = self.servers
        run = Run(self.server, first, 6, 40, other=second)
        number = self.create_collection(first)
        importer = threading.Thread(
            target=self.import_batches, args=[number, first, second])
        importer.start()
        run.work(accident=first.kill)
        importer.join()
        self.assertTrue(run.unanswered)
        run.application = second
        run.check_data()
        self.assertEqual(run.problems, [])
        self.assertEqual(
            self.answers, ([BATCH] * BATCHES), "a batch was not taken once")
        self.assertEqual(sql(self.server.uri, f'''
                SELECT COUNT(*), COUNT(DISTINCT lot.import_key)
                FROM stock_lot AS lot JOIN stock_shipment_in AS collection
                ON lot.collection = collection.id
                WHERE collection.number = '{number}' '''),
            [(BATCH * BATCHES,) * 2])

    def create_collection(self, server):
        "Return the number of a collection to import into"
        client = server.log_in('accueil')
        collection, = client.call(
            'model.stock.shipment.in.copy', client.call(
                'model.stock.shipment.in.search', [], 0, 1, None))
        values, = client.call(
            'model.stock.shipment.in.read', [collection], ['number'])
        return values['number']

    def import_batches(self, number, first, second):
        "Send the batches, each again to the other server if none answers"
        client, self.answers = first.log_in('accueil'), []
        source = {
            'file_name': 'liste.csv', 'sha256': '1' * 64, 'encoding': 'utf-8',
            'rows': BATCH * BATCHES}
        for batch in range(BATCHES):
            rows = [{
                    'line': line, 'occurrence': 1, 'texts': {
                        'kind': "écran", 'manufacturer': "Dell",
                        'serial_number': f'IMP{line:05}'}}
                for line in range(batch * BATCH + 2, (batch + 1) * BATCH + 2)]
            for _ in range(3):
                try:
                    result = client.call(
                        'model.stock.shipment.in.import_devices', number,
                        rows, source, (batch + 1) * BATCH, False)
                except Failed:
                    client.move(second.url)
                    continue
                break
            self.answers.append(
                result['created'] + result['updated'] + result['unchanged'])
            time.sleep(3)

