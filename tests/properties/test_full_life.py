# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The life of devices until their last gram is sold or treated."""
from trytond.modules.proxymikro_recycling.tests.tools import setup_recycling
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .full_life import FullLife
from .life import SETTINGS


class FullLifeTestCase(FullLife.TestCase):
    "Test the whole life of devices"
    settings = SETTINGS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        activate_modules('proxymikro_recycling', setup_recycling)
