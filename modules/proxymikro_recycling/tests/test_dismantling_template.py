# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a kind of device usually holds, for what no report has seen."""
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction

from .test_provenance import ProvenanceMixin


class DismantlingTemplateTestCase(ProvenanceMixin, TestCase):
    "Test the templates of the dismantlings"

    def _devices(self, count=1):
        return self._give("Donor", self._regime("One", 'allowed'), count)

    def _propose(self, *devices):
        rows = Pool().get('recycling.dismantling.template').propose(devices)
        return {
            (r['product'].component_kind, r['grade'] and r['grade'].code):
                r['quantity'] for r in rows}

    @with_transaction()
    def test_batch(self):
        "The devices of a batch are summed, pieces and weights"
        with self._in_company():
            devices = self._devices(3)
            self.assertEqual(self._propose(*devices), {
                    ('motherboard', 'CM-1B'): 3,
                    ('processor', 'CPU-LGA'): 3,
                    ('memory', 'RAM-OR'): 6,
                    ('psu', 'ALIM-AC'): 3,
                    ('optical', 'OPTIQUE'): 3,
                    ('scrap', 'CABLE'): 0.6,
                    ('scrap', 'ALU'): 0.9,
                    })

    @with_transaction()
    def test_known(self):
        "What a report has seen is not guessed, even if it can't come out"
        Component = Pool().get('device.component')
        with self._in_company():
            device, other = self._devices(2)
            Component.save([
                    Component(lot=device, kind='memory', soldered=True),
                    Component(lot=device, kind='optical'),
                    ])
            rows = self._propose(device, other)
            self.assertEqual(rows['memory', 'RAM-OR'], 2)
            self.assertEqual(rows['optical', 'OPTIQUE'], 1)
            self.assertEqual(rows['psu', 'ALIM-AC'], 2)

    @with_transaction()
    def test_in_force(self):
        "A template that replaces another counts from its day"
        pool = Pool()
        Template = pool.get('recycling.dismantling.template')
        with self._in_company():
            device, = self._devices()
            template = self._get(
                'recycling.dismantling.template',
                'proxymikro_recycling.dismantling_template_desktop')
            copy, = Template.copy([template])
            copy.lines = copy.lines[:1]
            copy.save()
            self.assertEqual(len(self._propose(device)), 1)
            copy.active = False
            copy.save()
            self.assertEqual(len(self._propose(device)), 7)

    @with_transaction()
    def test_estimated(self):
        "What is guessed stays marked, until it is weighed"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Template = pool.get('recycling.dismantling.template')
        with self._in_company():
            device, = self._devices()
            rows = [
                r for r in Template.propose([device])
                if r['product'].component_kind in {'psu', 'scrap'}]
            rows.append({
                    'product': rows[-1]['product'], 'grade': None,
                    'quantity': 5. - 1.45 - .5})
            production = pool.get('production').dismantle(
                [device], rows, mass_in=5., discard_by=self.employee,
                discard_date=pool.get('ir.date').today(),
                discard_reason="Obsolete")
            lots = {
                (m.lot.grade and m.lot.grade.code): Lot(m.lot.id)
                for m in production.outputs}
            self.assertEqual(
                {c: l.weight_origin for c, l in lots.items()}, {
                    'ALIM-AC': 'usual', 'CABLE': 'usual', 'ALU': 'usual',
                    None: None})
            psu = lots['ALIM-AC']
            self.assertEqual(psu.weight, 1.45)
            psu.weight = 1.2
            psu.save()
            self.assertEqual(psu.weight_origin, 'weighed')
