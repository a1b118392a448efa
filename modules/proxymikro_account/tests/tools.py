# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt

from proteus.config import get_config
from trytond.modules.company.tests.tools import get_company
from trytond.modules.proxymikro_account import setup_books as books
from trytond.modules.proxymikro_account.setup_books import (
    get_account, get_category, get_product)

__all__ = [
    'create_association_chart', 'create_books',
    'get_account', 'get_category', 'get_product']


def create_association_chart(company=None, config=None):
    "Create the chart of accounts of the association"
    config = config or get_config()
    books.create_chart(config, company or get_company(config=config))


def create_books(company=None, config=None):
    "Set up the books of the current year, chart included"
    config = config or get_config()
    books.setup_books(
        config, company or get_company(config=config), dt.date.today().year)
