# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a waste shipment must say before it leaves, and what is refused."""
import datetime as dt

from trytond.model.exceptions import ValidationError
from trytond.modules.proxymikro_recycling.exceptions import (
    WasteCarrierError, WasteCodeError, WasteCodeWarning, WasteContentWarning,
    WasteDefaultError, WasteError, WasteModeError, WasteSIRETError,
    WasteSlipError)
from trytond.modules.proxymikro_recycling.waste_slip import is_trackdechets
from trytond.modules.proxymikro_recycling.waste_treatment import (
    OPERATION_MODES, OPERATIONS)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction

from .test_provenance import ProvenanceMixin

TODAY = dt.date.today()
YESTERDAY = TODAY - dt.timedelta(days=1)
TOMORROW = TODAY + dt.timedelta(days=1)
SLIP = 'BSD-20261123-AB12CD34E'


class WasteMixin(ProvenanceMixin):
    "Scrap in the cage, and who takes it away"

    def _code(self, code):
        Code = Pool().get('waste.code')
        return Code.search([('code', '=', code)])[0]

    def _party(self, name, **values):
        party, = Pool().get('party.party').create([{'name': name, **values}])
        return party

    def _scrap_of(self, mass, parts=()):
        "Return the scrap of a device which weighs so many kg"
        device, = self._give(
            f"Donor {mass}", self._regime(f"Regime {mass}", 'allowed'))
        production = self._dismantle(
            [device], scrap=mass - 0.02 * len(parts), parts=parts,
            mass_in=mass)
        return production

    def _shipment(self, lots, code='16 02 14', **values):
        Shipment = Pool().get('stock.shipment.waste')
        shipment = Shipment(
            company=self.employee.company, party=self._party("Facility"),
            waste_code=self._code(code) if code else None, **values)
        shipment.save()
        Shipment.add_lots(shipment, lots)
        return Shipment(shipment.id)

    def _sealed(self, lots, *args, **values):
        Shipment = Pool().get('stock.shipment.waste')
        shipment = self._shipment(lots, *args, **values)
        Shipment.seal([shipment])
        return Shipment(shipment.id)

    def _sent(self, lots, *args, **values):
        Shipment = Pool().get('stock.shipment.waste')
        shipment = self._sealed(lots, *args, **values)
        Shipment.send([shipment])
        return Shipment(shipment.id)

    def _carrier(self, **values):
        Carrier = Pool().get('stock.shipment.waste.carrier')
        return Carrier(
            **{'party': self._party("Carrier"), 'mode': 'road', **values})

    def _refused(self, error, words, function, *args):
        "Check that it is refused with these words"
        with self.assertRaises(error) as cm:
            function(*args)
        self.assertIn(words, cm.exception.message)


class WasteTestCase(WasteMixin, TestCase):
    "Test waste shipments"

    def test_trackdechets_number(self):
        "The form of the number is that of Trackdéchets, its date one"
        self.assertTrue(is_trackdechets(SLIP))
        for number in [
                'BSD-20261323-AB12CD34E', 'BSD-20261123-AB12CD34',
                'BSD-20261123-ab12cd34e', 'BSD20261123AB12CD34E',
                SLIP + 'X', '12571', '']:
            with self.subTest(number=number):
                self.assertFalse(is_trackdechets(number))

    def test_operation_modes(self):
        "Each operation says which kinds of treatment fit it"
        self.assertEqual(
            set(OPERATION_MODES), {o for o, _ in OPERATIONS if o})

    @with_transaction()
    def test_battery_codes(self):
        "On 9 November 2026 lithium batteries become hazardous"
        pool = Pool()
        Default = pool.get('waste.default')
        Product = pool.get('product.product')
        with self._in_company():
            product, = Product.create([{
                        'template': self._template("Battery", 'battery'),
                        }])
            found = []
            for date in [dt.date(2026, 11, 8), dt.date(2026, 11, 9)]:
                default = Default.get_defaults([product], date)[product]
                code = default.waste_code
                found.append((code.code, code.hazardous, code.certainty))
                self.assertTrue(code.is_valid(date))
            self.assertEqual(found, [
                    ('16 06 05', False, 'high'), ('16 06 07', True, 'low')])
            for code, last in [
                    ('20 01 33', True), ('20 01 34', True),
                    ('20 01 42', False), ('20 01 43', False)]:
                record = self._code(code)
                self.assertEqual(
                    record.is_valid(dt.date(2026, 11, 8)), last)
                self.assertNotEqual(
                    record.is_valid(dt.date(2026, 11, 9)), last)

    def _template(self, name, component_kind):
        template, = Pool().get('product.template').create([{
                    'name': name, 'type': 'goods',
                    'default_uom': self._get(
                        'product.uom', 'product.uom_unit').id,
                    'component_kind': component_kind,
                    }])
        return template.id

    @with_transaction()
    def test_default_product_first(self):
        "What is said of a product comes before what is said of its kind"
        pool = Pool()
        Default = pool.get('waste.default')
        with self._in_company():
            product = self._get(
                'product.product', 'proxymikro_recycling.product_memory')
            default = Default.get_defaults([product], TODAY)[product]
            self.assertEqual(default.waste_code.code, '16 02 16')
            Default.create([{
                        'template': product.template.id,
                        'waste_code': self._code('16 02 14').id,
                        }])
            default = Default.get_defaults([product], TODAY)[product]
            self.assertEqual(default.waste_code.code, '16 02 14')

    @with_transaction()
    def test_default_target(self):
        "A usual treatment is for one thing"
        Default = Pool().get('waste.default')
        code = self._code('16 02 14').id
        for values in [{}, {'component_kind': 'psu', 'device_kind': 'screen'}]:
            self._refused(WasteDefaultError, '16 02 14', Default.create, [{
                        'waste_code': code, **values}])

    @with_transaction()
    def test_content_proposes(self):
        "The content says the code, and warns against another"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            production = self._scrap_of(5, parts=['memory'])
            memory, scrap = sorted(
                (m.lot for m in production.outputs),
                key=lambda l: l.component_kind == 'scrap')
            shipment = self._shipment([memory], code=None)
            self.assertEqual(shipment.waste_code.code, '16 02 16')
            shipment.waste_code = self._code('16 02 14')
            shipment.save()
            self._refused(
                WasteContentWarning, '16 02 16', Shipment.seal, [shipment])
            unknown = self._shipment([scrap], code=None)
            self._refused(
                WasteCodeError, unknown.rec_name, Shipment.seal, [unknown])

    @with_transaction()
    def test_uncertain_code(self):
        "A code whose number is not sure is warned of"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            scrap = self._scrap(self._scrap_of(5))
            shipment = self._shipment([scrap], '16 06 01')
            self._refused(
                WasteCodeWarning, '16 06 01', Shipment.seal, [shipment])

    @with_transaction()
    def test_code_by_date(self):
        "The code must be in force on the planned day while it is ahead"
        pool = Pool()
        Code = pool.get('waste.code')
        Shipment = pool.get('stock.shipment.waste')
        with self._in_company():
            Code.create([{
                        'code': '99 99 99', 'name': "Ends today",
                        'end_date': TODAY}])
            scrap = self._scrap(self._scrap_of(5))
            shipment = self._shipment(
                [scrap], '99 99 99', planned_date=TOMORROW)
            self._refused(
                WasteCodeError, '99 99 99', Shipment.seal, [shipment])
            shipment.planned_date = TODAY
            shipment.save()
            Shipment.seal([shipment])

    @with_transaction()
    def test_slip(self):
        "Hazardous waste has a slip of Trackdéchets, or a reason"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            scrap = self._scrap(self._scrap_of(5))
            shipment = self._sealed([scrap], '16 02 13')
            self._refused(
                WasteError, shipment.rec_name, Shipment.send, [shipment])
            self._refused(
                WasteSlipError, 'BSD-2026', Shipment.write, [shipment],
                {'slip_number': 'BSD-2026'})
            # The number of an eco-organisation needs to be explained
            Shipment.write([shipment], {'slip_number': "ECO 4512"})
            self._refused(
                WasteError, "16 02 13", Shipment.send, [shipment])
            Shipment.write([shipment], {'slip_exemption': "Slip of ecosystem"})
            Shipment.send([shipment])
            self.assertEqual(Shipment(shipment.id).state, 'sent')

    @with_transaction()
    def test_pop(self):
        "Persistent pollutants make any waste hazardous"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            scrap = self._scrap(self._scrap_of(5))
            shipment = self._sealed([scrap], pop=True)
            self.assertTrue(shipment.hazardous)
            self._refused(WasteError, '16 02 14', Shipment.send, [shipment])

    @with_transaction()
    def test_mode(self):
        "The kind of treatment fits the operation"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            shipment = self._shipment([])
            self._refused(
                WasteModeError, shipment.rec_name, Shipment.write,
                [shipment], {'operation': 'D10', 'operation_mode': 'recycling'})
            self._refused(
                WasteModeError, shipment.rec_name, Shipment.write,
                [shipment], {'operation': 'R13', 'operation_mode': 'recycling'})
            shipment.operation = 'R4'
            shipment.on_change_operation()
            self.assertEqual(shipment.operation_mode, 'recycling')
            shipment.operation = 'R13'
            shipment.on_change_operation()
            self.assertIsNone(shipment.operation_mode)

    @with_transaction()
    def test_carriers(self):
        "A carrier has a receipt in force, and there are five at most"
        pool = Pool()
        Receipt = pool.get('party.waste.receipt')
        Shipment = pool.get('stock.shipment.waste')
        with self._in_company():
            scrap = self._scrap(self._scrap_of(5))
            shipment = self._sealed([scrap])
            party = self._party("Transports Landais")
            Receipt.create([{
                        'party': party.id, 'kind': 'carrier',
                        'number': f'R-{end}', 'end_date': end,
                        } for end in [TODAY - dt.timedelta(400), YESTERDAY]])
            carrier = self._carrier(party=party)
            carrier.on_change_party()
            self.assertEqual(carrier.receipt_number, f'R-{YESTERDAY}')
            shipment.carriers = [carrier]
            shipment.save()
            self._refused(
                WasteCarrierError, party.name, Shipment.send, [shipment])
            shipment.carriers = [self._carrier() for _ in range(6)]
            shipment.save()
            self._refused(
                WasteCarrierError, shipment.rec_name, Shipment.send,
                [shipment])
            with self.assertRaises(ValidationError):
                shipment.carriers = [self._carrier(receipt_exempted=True)]
                shipment.save()

    @with_transaction()
    def test_retry(self):
        "What came back leaves again in a shipment of its own"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            scrap = self._scrap(self._scrap_of(5))
            shipment = self._sent([scrap])
            Shipment.write([shipment], {'refusal_reason': "Mixed"})
            Shipment.refuse([Shipment(shipment.id)])
            self.assertEqual(scrap.available, 5)
            retry, = Shipment.retry([Shipment(shipment.id)])
            self.assertEqual(
                (retry.state, retry.number, retry.refusal_reason,
                    retry.weight),
                ('draft', None, None, 5))
            Shipment.seal([retry])
            Shipment.send([Shipment(retry.id)])
            self.assertEqual(
                Pool().get('stock.lot')(scrap.id).available, 0)
            # Nothing is left to send once more
            empty, = Shipment.retry([Shipment(shipment.id)])
            self.assertFalse(empty.moves)

    @with_transaction()
    def test_eco_organisation(self):
        "The number of an eco-organisation is a SIRET"
        Organisation = Pool().get('waste.eco_organisation')
        self._refused(WasteSIRETError, "123", Organisation.create, [{
                    'name': "Ecologic", 'siret': '123'}])
