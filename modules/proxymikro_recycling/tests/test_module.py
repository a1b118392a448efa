# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.modules.company.tests import (
    CompanyTestMixin, PartyCompanyCheckEraseMixin)
from trytond.modules.party.tests import PartyCheckReplaceMixin
from trytond.tests.test_tryton import ModuleTestCase


class ProxymikroRecyclingTestCase(
        PartyCompanyCheckEraseMixin, PartyCheckReplaceMixin, CompanyTestMixin,
        ModuleTestCase):
    "Test proxymikro_recycling module"
    module = 'proxymikro_recycling'
    extras = ['proxymikro_membership']

    @property
    def _skip_company_rule(self):
        # The places of no company are shared
        return super()._skip_company_rule | {('stock.location', 'company')}


del ModuleTestCase
