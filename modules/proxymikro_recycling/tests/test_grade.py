# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The grade of a part: proposed by its product, one of those of its kind."""
from trytond.model.modelstorage import DomainValidationError
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)


class GradeTestCase(TestCase):
    "Test the grades of the parts"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_recycling')

    def get(self, model, name):
        pool = Pool()
        return pool.get(model)(pool.get('ir.model.data').get_id(
                'proxymikro_recycling', name))

    def create_lot(self, product, **values):
        lot, = Pool().get('stock.lot').create([{
                    'product': self.get('product.product', product).id,
                    **values}])
        return lot

    @with_transaction()
    def test_default(self):
        "A part has the usual grade of its product"
        lot = self.create_lot('product_memory')
        self.assertEqual(lot.grade.code, 'RAM-OR')

    @with_transaction()
    def test_chosen(self):
        "Another grade, or none, may be chosen"
        silver = self.get('recycling.grade', 'grade_ram_silver')
        lot = self.create_lot('product_memory', grade=silver.id)
        self.assertEqual(lot.grade, silver)
        lot = self.create_lot('product_memory', grade=None)
        self.assertIsNone(lot.grade)

    @with_transaction()
    def test_kind(self):
        "A grade is of some kinds of parts, and scrap by kg may be of any"
        gold = self.get('recycling.grade', 'grade_ram_gold')
        with self.assertRaises(DomainValidationError):
            self.create_lot('product_processor', grade=gold.id)
        lot = self.create_lot('product_scrap', grade=gold.id)
        self.assertEqual(lot.grade, gold)

    @with_transaction()
    def test_shipped(self):
        "Each grade says how to recognize it, and scrap may be of each"
        grades = Pool().get('recycling.grade').search([])
        self.assertGreater(len(grades), 10)
        for grade in grades:
            with self.subTest(grade=grade.code):
                self.assertTrue(grade.description)
                self.assertIn('scrap', grade.kinds)
        self.assertEqual(
            len(Pool().get('recycling.grade').search(
                    [('kinds', 'in', 'scrap')])), len(grades))

    @with_transaction()
    def test_copy(self):
        "A copy has a code of its own"
        Grade = Pool().get('recycling.grade')
        grade = self.get('recycling.grade', 'grade_ram_gold')
        copy, = Grade.copy([grade])
        self.assertNotEqual(copy.code, grade.code)
