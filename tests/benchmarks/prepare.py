# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Write a database to measure in: python -m tests.benchmarks.prepare FILE."""
import os
import sys

os.environ['TRYTOND_DATABASE_URI'] = 'sqlite://'

from proteus import Model  # noqa: E402
from trytond.modules.proxymikro_stock.tests.tools import (  # noqa: E402
    create_euro_company)
from trytond.tests import test_tryton, tools  # noqa: E402

from tests import database  # noqa: E402


def main(path):
    database.install(test_tryton, tools)
    tools.activate_modules('proxymikro_stock', create_euro_company)
    Party = Model.get('party.party')
    Party.save([Party(name=f"Personne {i}") for i in range(50)])
    test_tryton._sqlite_copy(path)


if __name__ == '__main__':
    main(*sys.argv[1:])
