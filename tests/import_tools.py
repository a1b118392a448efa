# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the tests of the imports share."""
import tempfile
from pathlib import Path

from proteus import Model
from trytond.modules.proxymikro_stock.tests.tools import create_collection


def create_draft(config):
    donor = Model.get('party.party', config=config)(name="Donatrice")
    donor.save()
    return create_collection(donor, config=config)


def get_csv(count):
    "Return a list of devices, some without identity"
    return "type;marque;n° de série;poids (kg)\n" + ''.join(
        f"PC;HP;CZC{i:05};5,{i % 10}\n" if i % 3 else "écran;Iiyama;;\n"
        for i in range(count))


class Folder:
    "A folder with CSV files"

    def __init__(self, test):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.path = Path(folder.name)

    def write(self, text, name='liste.csv', encoding='utf-8'):
        path = self.path / name
        path.write_bytes(text.encode(encoding))
        return str(path)
