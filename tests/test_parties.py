# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Nothing that points to a party is forgotten when it is replaced or erased."""
from trytond.model import ModelSQL, fields
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)

from .test_rights import MODULES, module_of

# The books and the register of waste are kept as long as the law asks
KEPT = {
    'account.agreement',
    'account.cheque.deposit.line',
    'account.contribution',
    'account.cut.off',
    'account.cut.off.line',
    'account.expense.claim',
    'account.expense.claim.line',
    'account.gift',
    'account.grant',
    'account.helloasso.payment',
    'account.tax.receipt',
    'account.tax.receipt.line',
    'recycling.settlement',
    'recycling.settlement.deduction',
    'recycling.settlement.line',
    'stock.shipment.waste',
    'stock.shipment.waste.carrier',
    'waste.register.incoming',
    }
# What says nothing of a person
IMPERSONAL = {
    ('party.membership', 'admission_minutes'),
    ('party.membership', 'engagement_number'),
    ('party.membership.campaign.line', 'engagement_number'),
    ('party.network', 'name'),
    ('party.network', 'notes'),
    ('party.party', 'code'),
    ('party.party', 'code_alnum'),
    ('party.party', 'service_code'),
    ('recycling.price.list', 'reference'),
    ('stock.loan.line', 'condition_in'),
    ('stock.loan.line', 'condition_out'),
    }
# The association itself is not erased
OURS = {'bank', 'company.company'}


class PartiesTestCase(TestCase):
    "Test what points to the parties"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module(MODULES)

    def ours(self):
        "Iterate over our fields that point to a party"
        for name, cls in Pool().iterobject('model'):
            if (not issubclass(cls, ModelSQL) or callable(cls.table_query)
                    or not module_of(cls, name).startswith('proxymikro_')):
                continue
            for field_name, field in cls._fields.items():
                if (isinstance(field, fields.Many2One)
                        and not isinstance(field, fields.Function)
                        and field.model_name == 'party.party'):
                    yield name, field_name

    @with_transaction()
    def test_replace(self):
        "All our fields that point to a party join its replacement"
        Replace = Pool().get('party.replace', type='wizard')
        ours = set(self.ours())
        self.assertGreater(len(ours), 20)
        self.assertEqual(ours - set(Replace.fields_to_replace()), set())

    def held(self):
        "Return the names of the models that hold what concerns a party"
        found = {name for name, _ in self.ours()} - OURS | {'party.party'}
        while added := {
                name for name, cls in Pool().iterobject('model')
                for field in cls._fields.values()
                if issubclass(cls, ModelSQL) and not callable(cls.table_query)
                and isinstance(field, fields.Many2One)
                and field.ondelete == 'CASCADE'
                and field.model_name in found} - found - OURS:
            found |= added
        return found

    @with_transaction()
    def test_erase(self):
        "What was written of a party is erased with it, or kept for a reason"
        pool = Pool()
        Erase = pool.get('party.erase', type='wizard')
        session_id, _, _ = Erase.create()
        erased = {
            (Model.__name__, column)
            for Model, _, _, columns, _ in Erase(session_id).to_erase(1)
            for column in columns}
        written = {
            (name, field_name)
            for name in self.held() - KEPT
            for field_name, field in pool.get(name)._fields.items()
            if isinstance(field, (fields.Char, fields.Text, fields.Binary))
            and not isinstance(field, fields.Function)
            and field_name != 'number'}
        self.assertEqual(written - erased, IMPERSONAL)
