# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The life of devices, without dismantling nor sale."""
from trytond.modules.proxymikro_stock.tests.tools import (
    create_euro_company, get_employee)
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .life import SETTINGS, StockLife


class StockLifeTestCase(StockLife.TestCase):
    "Test the life of devices"
    settings = SETTINGS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        activate_modules('proxymikro_stock', create_euro_company, get_employee)
