# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

from trytond.tests.test_tryton import ModuleTestCase


class ProxymikroStockTestCase(ModuleTestCase):
    "Test proxymikro_stock module"
    module = 'proxymikro_stock'


del ModuleTestCase
