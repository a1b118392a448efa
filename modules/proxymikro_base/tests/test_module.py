# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

from trytond.tests.test_tryton import ModuleTestCase


class ProxymikroBaseTestCase(ModuleTestCase):
    "Test proxymikro_base module"
    module = 'proxymikro_base'


del ModuleTestCase
