# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

from trytond.tests.test_tryton import ModuleTestCase


class ProxymikroAccountTestCase(ModuleTestCase):
    "Test proxymikro_account module"
    module = 'proxymikro_account'
    extras = [
        'account_dunning', 'account_payment_sepa', 'proxymikro_stock']


del ModuleTestCase
