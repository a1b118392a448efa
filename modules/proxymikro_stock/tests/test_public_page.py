# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The public page of a device, as whoever reads its label gets it."""
import datetime as dt
import re
from decimal import Decimal
from types import SimpleNamespace
from unittest.mock import patch

import trytond.config as config
from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.modules.proxymikro_stock import issue
from trytond.modules.proxymikro_stock.public_page import TOKEN, Lot, new_token
from trytond.pool import Pool
from trytond.tests.test_tryton import RouteTestCase
from trytond.transaction import Transaction, check_access

from .fleet import Fleet
from .test_loan import ready
from .workshop import Workshop

TEXT = "Il ne s'allume <b>plus</b>."
SECRETS = {
    'serial_number': "SERIAL-7731", 'donor_number': "DONOR-7732",
    }
DONOR, BORROWER, VALUE = "Mairie de Cachotte", "École Discrète", "734.21"


class PublicPageTestCase(RouteTestCase):
    "Test the public page"
    module = 'proxymikro_stock'

    @classmethod
    def setUpDatabase(cls):
        company = create_company("Proxy Essai", create_currency('eur'))
        company.timezone = 'Pacific/Auckland'
        company.save()
        pool = Pool()
        pool.get('party.contact_mechanism').create([{
                    'party': company.party.id, 'type': 'phone',
                    'value': "05 36 49 12 34"}])
        with set_company(company):
            fleet = Fleet(company)
            cls.screen = cls.lend(fleet, ready(fleet))
            cls.laptop = cls.erase(fleet, fleet.lot('laptop'))
            fleet.do(cls.laptop, 'supplier', 'input')
            cls.part = fleet.bulk()
            cls.unknown, cls.revoked, cls.full = [
                fleet.lot('desktop') for _ in range(3)]
            cls.sold = fleet.lot()
            fleet.do(cls.sold, 'supplier', 'input')
            fleet.do(cls.sold, 'input', 'customer')
        for name in ['screen', 'laptop', 'part', 'unknown', 'sold', 'revoked',
                'full']:
            lot = fleet.Lot(getattr(cls, name).id)
            setattr(cls, name, SimpleNamespace(
                    id=lot.id, number=lot.number, token=lot.token))

    @classmethod
    def lend(cls, fleet, lot):
        pool = Pool()
        Loan = pool.get('stock.loan')
        donor, borrower = pool.get('party.party').create(
            [{'name': DONOR}, {'name': BORROWER}])
        collection, = pool.get('stock.shipment.in').create([{
                    'company': fleet.company.id, 'supplier': donor.id,
                    'warehouse_input': fleet.loc('input').id,
                    'warehouse_storage': fleet.loc('input').id,
                    'gift_regime': fleet.ref(
                        'proxymikro_stock.gift_regime_company').id}])
        fleet.Lot.write([lot], {
                **SECRETS, 'collection': collection.id,
                'manufacturer': "Dell <i>", 'model': "P2214H"})
        loan, = Loan.create([{
                    'company': fleet.company.id, 'borrower': borrower.id,
                    'start_date': dt.date.today(),
                    'end_date': dt.date.today(),
                    'lines': [('create', [{
                                    'lot': lot.id,
                                    'replacement_value': Decimal(VALUE)}])],
                    }])
        Loan.reserve([loan])
        Loan.deliver([loan])
        return lot

    @classmethod
    def erase(cls, fleet, lot):
        workshop = Workshop(fleet)
        drive = workshop.drive(lot, serial="DRIVE-7733")
        for method, result, end in [
                ('clear', 'failed', dt.datetime(2024, 3, 1, 20, 30)),
                ('purge', 'success', dt.datetime(2024, 3, 1, 22, 30))]:
            workshop.erase(
                drive, method=method, result=result, technique="-",
                start=end, end=end)
        return lot

    def path(self, token):
        return f'/{self.db_name}/d/{token}'

    def get(self, lot, **kwargs):
        return self.client().get(self.path(lot.token), **kwargs)

    def post(self, lot, /, **data):
        return self.client().post(self.path(lot.token), data=data)

    def issues(self, lot):
        with Transaction().start(self.db_name, 1):
            Issue = Pool().get('device.issue')
            return [
                (i.text, i.contact, i.state)
                for i in Issue.search([('lot', '=', lot.id)])]

    def test_says(self):
        "It says what the device is and whose"
        response = self.get(self.screen)
        page = response.get_data(as_text=True)
        self.assertEqual(response.status_code, 200)
        for text in [self.screen.number, "Screen", "Dell &lt;i&gt;", "P2214H",
                "Proxy Essai", 'href="tel:0536491234"', "Il appartient",
                "ne garde pas de données"]:
            self.assertIn(text, page)

    def test_keeps_silent(self):
        "It names neither people nor serials nor prices, nor where it is"
        page = self.get(self.screen).get_data(as_text=True)
        for secret in [*SECRETS.values(), DONOR, BORROWER, VALUE, "734",
                "MEM-", "At Members", self.screen.token]:
            self.assertNotIn(secret, page)
        page = self.get(self.laptop).get_data(as_text=True)
        self.assertNotIn("DRIVE-7733", page)
        self.assertNotIn("nwipe", page)

    def test_data(self):
        "It says when and how the data were erased, as the clocks there said"
        page = self.get(self.laptop).get_data(as_text=True)
        self.assertIn("effacées le 02/03/2024", page)
        self.assertIn("purge, qui résiste", page)
        self.assertNotIn("effacement simple", page)
        page = self.get(self.unknown).get_data(as_text=True)
        self.assertIn("pas attesté", page)

    def test_owner(self):
        "What was sold or is not received is not said to be ours"
        for lot in [self.sold, self.unknown]:
            page = self.get(lot).get_data(as_text=True)
            self.assertIn("n'est plus, à elle", page)
            self.assertNotIn("Il appartient", page)

    def test_not_found(self):
        "All that is no device answers the same, byte for byte"
        old = self.revoked.token
        with Transaction().start(self.db_name, 1):
            lot = Pool().get('stock.lot')(self.revoked.id)
            lot.renew_token([lot])
            self.assertNotEqual(lot.token, old)
            self.assertTrue(TOKEN.fullmatch(lot.token))
            renewed = lot.token
        self.assertEqual(
            self.client().get(self.path(renewed)).status_code, 200)
        client = self.client()
        answers = set()
        for path in [
                *map(self.path, [
                        new_token(), old, self.part.token, 'x', '0' * 31,
                        self.screen.token.upper(), f'{self.screen.token}0',
                        f'{self.screen.token}/x', '%00', "é", '%ff',
                        "' OR 1=1", 'a' * 2000, f' {self.screen.token}']),
                f'/d/{new_token()}', '/d/x', f'/nowhere/d/{new_token()}']:
            for method in [client.get, client.post]:
                response = method(path)
                self.assertEqual(response.status_code, 404, path)
                answers.add((
                        response.get_data(), str(sorted(response.headers))))
        self.assertEqual(len(answers), 1)
        (body, _), = answers
        self.assertIn("Étiquette inconnue", body.decode())

    def test_short(self):
        "The short address opens the database of the configuration"
        client = self.client()
        path = f'/d/{self.screen.token}'
        self.assertEqual(client.get(path).status_code, 404)
        if not config.has_section('proxymikro'):
            config.add_section('proxymikro')
        config.set('proxymikro', 'public_database', self.db_name)
        self.addCleanup(config.remove_section, 'proxymikro')
        for path in [path, path + '/']:
            self.assertEqual(
                client.get(path).get_data(), self.get(self.screen).get_data())

    def test_headers(self):
        "It is neither indexed, framed, kept, scripted nor heavy"
        response = self.get(self.laptop)
        headers = response.headers
        self.assertEqual(headers['X-Robots-Tag'], 'noindex, nofollow')
        self.assertEqual(headers['Cache-Control'], 'no-store')
        self.assertEqual(headers['Referrer-Policy'], 'same-origin')
        self.assertNotIn('Set-Cookie', headers)
        policy = headers['Content-Security-Policy']
        self.assertIn("default-src 'none'", policy)
        self.assertIn("frame-ancestors 'none'", policy)
        page = response.get_data(as_text=True)
        self.assertNotIn('<script', page)
        self.assertNotIn('unsafe', policy)
        self.assertLess(len(response.get_data()), 30_000)

    def test_accessible(self):
        "Each field has its label and each description its text"
        page = self.get(self.laptop).get_data(as_text=True)
        self.assertIn('<html lang="fr"', page)
        ids = set(re.findall(r' id="([^"]+)"', page))
        fields = re.findall(r'<(?:input|textarea)[^>]* id="([^"]+)"', page)
        self.assertEqual(len(fields), 3)
        for field in fields:
            self.assertIn(f'<label for="{field}"', page)
        for names in re.findall(
                r'aria-(?:describedby|labelledby)="([^"]+)"', page):
            self.assertLessEqual(set(names.split()), ids)
        self.assertEqual(len(re.findall('<h1', page)), 1)

    def test_read_only(self):
        "It is shown in a transaction that can't write"
        seen = []
        get = Lot.get_public_page

        def spy(self):
            seen.append(Transaction().readonly)
            return get(self)
        with patch.object(Lot, 'get_public_page', spy):
            self.get(self.laptop)
        self.assertEqual(seen, [True])

    def test_report(self):
        "A breakdown is recorded as text, once, for this device"
        for contact in ["Ada, 05 36 49 00 00", "again"]:
            response = self.post(
                self.laptop, text=f' {TEXT}\r\nDepuis\x00 lundi.\u202e',
                contact=contact, lot=str(self.screen.id), state='handled')
            self.assertEqual(response.status_code, 303)
            self.assertEqual(
                response.headers['Location'], '?signalement=1')
        self.assertEqual(self.issues(self.laptop), [
                (f'{TEXT}\nDepuis lundi.', "Ada, 05 36 49 00 00", 'new')])
        self.assertEqual(self.issues(self.screen), [])
        page = self.client().get(
            self.path(self.laptop.token) + '?signalement=1')
        self.assertIn("Merci", page.get_data(as_text=True))
        page = self.get(self.laptop).get_data(as_text=True)
        self.assertNotIn("Merci", page)
        self.assertNotIn("Ada", page)

    def test_report_robot(self):
        "A robot is thanked and forgotten"
        response = self.post(
            self.screen, text=TEXT, website='https://spam.example')
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.issues(self.screen), [])

    def test_report_refused(self):
        "What is empty or too long is asked again, with what was typed"
        for data, text in [
                ({'text': " \n\x00 "}, "quelques mots"),
                ({}, "quelques mots"),
                ({'text': "a" * (issue.TEXT_SIZE + 1)}, "plus court"),
                ({'text': TEXT, 'contact': "a" * (issue.CONTACT_SIZE + 1)},
                    "Il ne s'allume &lt;b&gt;plus&lt;/b&gt;."),
                ]:
            response = self.post(self.screen, **data)
            self.assertEqual(response.status_code, 422)
            self.assertIn(text, response.get_data(as_text=True))
        response = self.post(self.screen, text="a" * 20_000)
        self.assertEqual(response.status_code, 413)
        self.assertEqual(self.issues(self.screen), [])

    def test_report_elsewhere(self):
        "A form of another site is refused"
        for origin in ['https://evil.example', 'null']:
            for path in [self.path(self.screen.token), '/d/x']:
                response = self.client().post(
                    path, data={'text': TEXT}, headers={'Origin': origin})
                self.assertEqual(response.status_code, 403)
        self.assertEqual(self.issues(self.screen), [])

    def test_report_limit(self):
        "One device, or all together, are not reported without end"
        statuses = [
            self.post(self.full, text=f'{TEXT} {i}').status_code
            for i in range(issue.DEVICE_LIMIT + 2)]
        self.assertEqual(statuses, [303] * issue.DEVICE_LIMIT + [429] * 2)
        self.assertEqual(len(self.issues(self.full)), issue.DEVICE_LIMIT)
        with patch.object(issue, 'TOTAL_LIMIT', issue.DEVICE_LIMIT):
            response = self.post(self.sold, text=TEXT)
        self.assertEqual(response.status_code, 429)
        self.assertIn("pas été enregistré", response.get_data(as_text=True))
        self.assertEqual(self.issues(self.sold), [])

    def test_handle(self):
        "Who handles a report forgets whom to answer"
        with Transaction().start(self.db_name, 1):
            Issue = Pool().get('device.issue')
            report, = Issue.create([{
                        'lot': self.unknown.id, 'text': TEXT,
                        'contact': "Ada"}])
            Issue.handle([report])
            self.assertEqual(
                (report.state, report.contact), ('handled', None))

    def test_url(self):
        "Devices have an address, that the front desk may read"
        with Transaction().start(self.db_name, 1):
            pool = Pool()
            ModelData = pool.get('ir.model.data')
            user, = pool.get('res.user').create([{
                        'name': "Desk", 'login': 'desk',
                        'groups': [('add', [ModelData.get_id(
                                        'proxymikro_base',
                                        'group_front_desk')])]}])
            with Transaction().set_user(user.id), check_access():
                lots = pool.get('stock.lot').browse(
                    [self.screen.id, self.part.id])
                self.assertEqual(
                    [l.public_url for l in lots], [
                        f'http://localhost:8000/d/{self.screen.token}', None])
