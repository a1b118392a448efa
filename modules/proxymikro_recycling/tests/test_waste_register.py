# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The register of outgoing waste writes itself and is never edited."""
from dateutil.relativedelta import relativedelta

from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_recycling.exceptions import (
    WasteAccessError, WasteError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .test_waste import TODAY, WasteMixin

# Numbers that are valid and of nobody here
SIRETS = ['83033936200022', '35600000049837', '73282932000074']


class RegisterMixin(WasteMixin):
    "Waste that leaves with all that the register asks for"

    def _complete(self, party, siret):
        "Give the party its number and its address"
        pool = Pool()
        address, = pool.get('party.address').create([{
                    'party': party.id, 'street_unstructured': "1 rue du Port",
                    'postal_code': '40000', 'city': "Mont-de-Marsan"}])
        pool.get('party.identifier').create([{
                    'party': party.id, 'type': 'fr_siret', 'code': siret,
                    'address': address.id}])

    def _ready(self, mass=5, **values):
        "Return a complete shipment, closed"
        Shipment = Pool().get('stock.shipment.waste')
        shipment = self._shipment(
            [self._scrap(self._scrap_of(mass))], operation='R4',
            operation_mode='recycling', **values)
        for party, siret in [
                (shipment.company.party, SIRETS[1]),
                (shipment.party, SIRETS[0])]:
            if not party.identifiers:
                self._complete(party, siret)
        shipment.carriers = [self._carrier(
                party=shipment.party, receipt_number='40-1')]
        shipment.save()
        Shipment.seal([Shipment(shipment.id)])
        return Shipment(shipment.id)

    def _out(self, *args, **values):
        Shipment = Pool().get('stock.shipment.waste')
        shipment = self._ready(*args, **values)
        Shipment.send([shipment])
        return Shipment(shipment.id)

    def _lines(self, shipment):
        Register = Pool().get('waste.register')
        return Register.search(
            [('shipment', '=', shipment.id)], order=[('version', 'ASC')])

    def _refuse(self, shipment):
        Shipment = Pool().get('stock.shipment.waste')
        Shipment.write([shipment], {'refusal_reason': "Mixed"})
        Shipment.refuse([Shipment(shipment.id)])

    def _correct(self, shipment, **values):
        Shipment = Pool().get('stock.shipment.waste')
        Shipment.correct([Shipment(shipment.id)])
        with Transaction().set_context(_check_access=True):
            Shipment.write([Shipment(shipment.id)], {
                    'correction_note': "Typing error", **values})
        Shipment.declare([Shipment(shipment.id)])


class RegisterTestCase(RegisterMixin, TestCase):
    "Test the lines of the register"

    @with_transaction()
    def test_line(self):
        "What leaves is written at once, with all that is known"
        with self._in_company():
            shipment = self._ready()
            self.assertEqual(self._lines(shipment), [])
            self.assertIsNone(shipment.register_gaps)
            Pool().get('stock.shipment.waste').send([shipment])
            line, = self._lines(shipment)
            self.assertEqual(
                (line.number, line.version, line.reason, line.weight,
                    line.current),
                (shipment.number, 1, 'new', 5, True))
            self.assertEqual(
                line.kept_until, line.date + relativedelta(years=3))
            values = line.values
            for key, value in [
                    ('reportForCompanySiret', SIRETS[1]),
                    ('wasteCode', '16 02 14'),
                    ('dispatchDate', TODAY.isoformat()),
                    ('weightValue', '0.005'), ('weightIsEstimate', 'REEL'),
                    ('operationCode', 'R 4'), ('operationMode', 'RECYCLAGE'),
                    ('destinationCompanyOrgId', SIRETS[0]),
                    ('transporter1TransportMode', 'ROUTE'),
                    ('transporter1RecepisseNumber', '40-1')]:
                self.assertEqual(values[key], value)

    @with_transaction()
    def test_never_edited(self):
        "Nobody writes, changes or deletes a line"
        Register = Pool().get('waste.register')
        with self._in_company():
            line, = self._lines(self._out())
            for function, args in [
                    (Register.write, [[line], {'weight': 4}]),
                    (Register.write, [[line], {'export': None}]),
                    (Register.delete, [[line]])]:
                with self.subTest(function=function.__name__), \
                        Transaction().set_context(_check_access=True), \
                        self.assertRaises(AccessError):
                    function(*args)
            with self.assertRaises(UserError):
                Register.delete([line])
            self.assertEqual(Register.copy([line]), [])

    @with_transaction()
    def test_sealed(self):
        "A line changed in the database shows"
        pool = Pool()
        Register = pool.get('waste.register')
        Seal = pool.get('evidence.seal')
        with self._in_company():
            line, = self._lines(self._out())
            Seal.seal()
            self.assertTrue(Register(line.id).sealed_at)
            self.assertEqual(Seal.verify()['problems'], [])
            table = Register.__table__()
            Transaction().connection.cursor().execute(*table.update(
                    [table.weight], [4.0], where=table.id == line.id))
            Transaction().cache.clear()
            problem, = Seal.verify()['problems']
            self.assertIn(line.number, problem)

    @with_transaction()
    def test_refused(self):
        "A refused load is cancelled under its number, the next one is new"
        pool = Pool()
        Shipment = pool.get('stock.shipment.waste')
        with self._in_company():
            shipment = self._out()
            self._refuse(shipment)
            first, last = self._lines(shipment)
            self.assertEqual(
                (last.number, last.reason, last.note, last.current),
                (first.number, 'cancel', "Mixed", False))
            self.assertFalse(first.current)
            retry, = Shipment.retry([Shipment(shipment.id)])
            Shipment.seal([retry])
            Shipment.send([Shipment(retry.id)])
            line, = self._lines(retry)
            self.assertEqual(line.reason, 'new')
            self.assertNotEqual(line.number, first.number)

    @with_transaction()
    def test_accepted(self):
        "The facility's weight replaces an estimate, not a weighing"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            for estimated, count in [(False, 1), (True, 2)]:
                shipment = self._out(
                    5 + estimated, weight_estimated=estimated)
                Shipment.write([shipment], {
                        'received_weight': 7, 'weight_gap_reason': "Pallet"})
                Shipment.accept([Shipment(shipment.id)])
                Shipment.process([Shipment(shipment.id)])
                lines = self._lines(shipment)
                self.assertEqual(len(lines), count)
                self.assertEqual(
                    (lines[-1].weight, lines[-1].weight_estimated),
                    (7 if estimated else 5, False))
            self.assertEqual(lines[0].values['weightIsEstimate'], 'ESTIME')
            self.assertEqual(
                (lines[1].reason, lines[1].values['weightValue']),
                ('modify', '0.007'))

    @with_transaction()
    def test_other_treatment(self):
        "A treatment other than the planned one is declared"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            shipment = self._out()
            Shipment.write([shipment], {'received_weight': 5})
            Shipment.accept([Shipment(shipment.id)])
            Shipment.write([shipment], {
                    'operation': 'R13', 'operation_mode': None})
            Shipment.process([Shipment(shipment.id)])
            _, line = self._lines(shipment)
            self.assertEqual(line.values['operationCode'], 'R 13')
            self.assertNotIn('operationMode', line.values)

    @with_transaction()
    def test_correction(self):
        "What was declared changes by a correction, with a note"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            shipment = self._out()
            with Transaction().set_context(_check_access=True):
                self._refused(
                    WasteAccessError, shipment.rec_name, Shipment.write,
                    [shipment], {'description': "Cables"})
                self._refused(
                    WasteAccessError, shipment.rec_name,
                    shipment.carriers[0].__class__.write,
                    list(shipment.carriers), {'receipt_number': '40-2'})
            self._correct(shipment, description="Cables")
            first, line = self._lines(shipment)
            self.assertEqual(
                (line.reason, line.note, line.description, line.number),
                ('modify', "Typing error", "Cables", first.number))
            self.assertNotEqual(first.description, "Cables")
            # Nothing that changes, nothing written
            self._correct(shipment)
            self.assertEqual(len(self._lines(shipment)), 2)
            # What has happened can't be corrected, nor without a reason
            Shipment.correct([Shipment(shipment.id)])
            with Transaction().set_context(_check_access=True):
                self._refused(
                    WasteAccessError, shipment.rec_name, Shipment.write,
                    [Shipment(shipment.id)], {'effective_date': TODAY})
            self._refused(
                WasteError, shipment.rec_name, Shipment.declare,
                [Shipment(shipment.id)])

    @with_transaction()
    def test_told(self):
        "What the facility tells is typed, then changes by a correction only"
        Shipment = Pool().get('stock.shipment.waste')
        received = {'received_weight': 7, 'weight_gap_reason': "Pallet"}
        treated = {'operation': 'R13', 'operation_mode': None}

        def write(values):
            with Transaction().set_context(_check_access=True):
                Shipment.write([Shipment(shipment.id)], values)

        def refuse(*values):
            for value in values:
                self._refused(
                    WasteAccessError, shipment.rec_name, write, value)

        with self._in_company():
            shipment = self._out(weight_estimated=True)
            write(received)
            Shipment.accept([Shipment(shipment.id)])
            refuse(
                {'received_weight': 8}, {'weight_gap_reason': "Rain"})
            write(treated)
            Shipment.process([Shipment(shipment.id)])
            refuse(
                received, {'operation': 'R4'},
                {'operation_mode': 'recycling'})
            self._correct(shipment, received_weight=8)
            *_, line = self._lines(shipment)
            self.assertEqual((line.reason, line.weight), ('modify', 8))

    @with_transaction()
    def test_gaps(self):
        "What is missing names the shipment, the column and where to fill it"
        with self._in_company():
            shipment = self._shipment([self._scrap(self._scrap_of(5))])
            gaps = shipment.register_gaps
            for words in [
                    shipment.rec_name, "Numéro d'identification du",
                    "Code de traitement prévu", shipment.party.name,
                    self.employee.company.party.name,
                    "SIRET de l'expéditeur ou du détenteur",
                    "Raison sociale du transporteur n°1"]:
                self.assertIn(words, gaps)
