# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

from trytond.tests.test_tryton import ModuleTestCase


class ProxymikroRecyclingTestCase(ModuleTestCase):
    "Test proxymikro_recycling module"
    module = 'proxymikro_recycling'
    extras = ['proxymikro_membership']


del ModuleTestCase
