# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

from trytond.tests.test_tryton import ModuleTestCase


class ProxymikroMembershipTestCase(ModuleTestCase):
    "Test proxymikro_membership module"
    module = 'proxymikro_membership'
    extras = [
        'account_fr_chorus', 'account_payment_sepa', 'proxymikro_stock']


del ModuleTestCase
