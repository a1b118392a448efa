# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The register of incoming waste writes itself and is never edited."""
from dateutil.relativedelta import relativedelta

from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_recycling.exceptions import (
    WasteAccessError, WasteError, WasteModeError, WasteSlipError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .test_waste import SLIP, TODAY
from .test_waste_register import SIRETS, RegisterMixin


class WasteIncomingTestCase(RegisterMixin, TestCase):
    "Test what is received as waste"

    def _drop(self, waste=True):
        "Return a collection that is not received yet"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        producer, carrier = self._party("Producer"), self._party("Carrier")
        self._complete(producer, SIRETS[0])
        self._complete(carrier, SIRETS[2])
        collection = Collection(
            supplier=producer, gift_regime=self._regime("Drop", 'allowed'))
        collection.warehouse = collection.default_warehouse()
        collection.on_change_warehouse()
        if waste:
            collection.waste = True
            collection.waste_code = self._code('16 02 13')
            collection.waste_carrier = carrier
            collection.waste_receipt = "40-1"
            collection.slip_number, collection.operation = SLIP, 'R13'
        collection.save()
        Collection.add_devices(collection, [{
                    'product': self._get(
                        'product.product', 'proxymikro_stock.product_desktop'),
                    'weight': 5.}])
        return Collection(collection.id)

    def _receive(self, collection):
        "Receive the collection, which is done at once"
        Collection = Pool().get('stock.shipment.in')
        Collection.receive([collection])
        collection = Collection(collection.id)
        self.assertEqual(collection.state, 'done')
        return collection

    def _received(self, waste=True):
        return self._receive(self._drop(waste))

    def _incoming(self, collection):
        return list(Pool().get('stock.shipment.in')(
                collection.id).waste_lines)

    def _write(self, collection, **values):
        Collection = Pool().get('stock.shipment.in')
        with Transaction().set_context(_check_access=True):
            Collection.write([Collection(collection.id)], values)

    def _correct_waste(self, collection, **values):
        Collection = Pool().get('stock.shipment.in')
        Collection.correct_waste([Collection(collection.id)])
        self._write(
            collection, waste_correction_note="Typing error", **values)
        Collection.declare_waste([Collection(collection.id)])

    @with_transaction()
    def test_line(self):
        "What is done is written at once, with all that is known"
        with self._in_company():
            collection = self._drop()
            self.assertEqual(self._incoming(collection), [])
            self._receive(collection)
            line, = self._incoming(collection)
            self.assertEqual(
                (line.number, line.version, line.reason, line.date,
                    line.code, line.hazardous, line.weight, line.current),
                (collection.number, 1, 'new', TODAY, '16 02 13*', True, 5,
                    True))
            self.assertEqual(
                (line.producer.name, line.producer_identifier,
                    line.producer_address),
                ("Producer", SIRETS[0], "1 rue du Port 40000 Mont-de-Marsan"))
            self.assertEqual(
                (line.carrier.name, line.carrier_identifier,
                    line.receipt_number, line.slip_number, line.operation),
                ("Carrier", SIRETS[2], "40-1", SLIP, 'R13'))
            self.assertEqual(
                line.kept_until, TODAY + relativedelta(years=3))

    @with_transaction()
    def test_person(self):
        "Of a person only the town is kept"
        with self._in_company():
            collection = self._drop()
            Pool().get('party.identifier').delete(
                list(collection.supplier.identifiers))
            self._receive(collection)
            line, = self._incoming(collection)
            self.assertEqual(
                (line.producer_identifier, line.producer_address),
                (None, "40000 Mont-de-Marsan"))

    @with_transaction()
    def test_sealed(self):
        "A line is sealed, and neither written, changed nor deleted"
        pool = Pool()
        Register = pool.get('waste.register.incoming')
        Seal = pool.get('evidence.seal')
        with self._in_company():
            line, = self._incoming(self._received())
            Seal.seal()
            self.assertTrue(Register(line.id).sealed_at)
            self.assertEqual(Seal.verify()['problems'], [])
            for function, args in [
                    (Register.write, [[line], {'weight': 4}]),
                    (Register.delete, [[line]])]:
                with self.subTest(function=function.__name__), \
                        Transaction().set_context(_check_access=True), \
                        self.assertRaises(AccessError):
                    function(*args)
            with self.assertRaises(UserError):
                Register.delete([line])
            self.assertEqual(Register.copy([line]), [])

    @with_transaction()
    def test_correction(self):
        "What was declared changes by a correction, with a note"
        Collection = Pool().get('stock.shipment.in')
        with self._in_company():
            collection = self._received()
            for values in [
                    {'slip_number': None}, {'operation': 'R12'},
                    {'waste': False}, {'weighed': 6.},
                    {'effective_date': TODAY}]:
                with self.subTest(values=values), \
                        self.assertRaises(WasteAccessError):
                    self._write(collection, **values)
            self._correct_waste(collection, operation='R12', weighed=6.)
            first, line = self._incoming(collection)
            self.assertEqual(
                (line.number, line.reason, line.note, line.operation,
                    line.weight),
                (first.number, 'modify', "Typing error", 'R12', 6))
            # Nothing that changes, nothing written
            self._correct_waste(collection)
            self.assertEqual(len(self._incoming(collection)), 2)
            # What has happened can't be corrected, nor without a reason
            Collection.correct_waste([collection])
            with self.assertRaises(WasteAccessError):
                self._write(collection, effective_date=TODAY)
            self._refused(
                WasteError, collection.rec_name, Collection.declare_waste,
                [Collection(collection.id)])

    @with_transaction()
    def test_no_waste(self):
        "What is no waste after all is cancelled, once, and may be again"
        with self._in_company():
            collection = self._received()
            for waste, reasons in [
                    (False, ['new', 'cancel']), (False, ['new', 'cancel']),
                    (True, ['new', 'cancel', 'modify'])]:
                self._correct_waste(collection, waste=waste)
                lines = self._incoming(collection)
                self.assertEqual([l.reason for l in lines], reasons)
            self.assertEqual(
                [l.current for l in lines], [False, False, True])

    @with_transaction()
    def test_waste_afterwards(self):
        "A collection becomes waste by a correction only"
        with self._in_company():
            collection = self._received(waste=False)
            values = {'waste': True, 'waste_code': self._code('16 02 14').id}
            with self.assertRaises(WasteAccessError):
                self._write(collection, **values)
            # Its weight is not declared to anybody
            self._write(collection, weighed=6.)
            self._correct_waste(collection)
            self.assertEqual(self._incoming(collection), [])
            self._correct_waste(collection, **values)
            line, = self._incoming(collection)
            self.assertEqual((line.reason, line.weight), ('new', 6))

    @with_transaction()
    def test_checks(self):
        "The slip and the treatment have the form of those that leave"
        with self._in_company():
            collection = self._drop()
            with self.assertRaises(WasteSlipError):
                self._write(collection, slip_number='BSD-2026')
            with self.assertRaises(WasteModeError):
                self._write(collection, operation_mode='recycling')
