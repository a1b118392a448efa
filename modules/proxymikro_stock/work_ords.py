# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The work orders as the Open Repair Data Standard shares them."""
import csv
import io

from trytond.modules.proxymikro_base.spreadsheet import protect
from trytond.report import Report

# The terms of version 0.3, which are not translated
COLUMNS = [
    'id', 'data_provider', 'country', 'partner_product_category',
    'product_category', 'brand', 'year_of_manufacture', 'product_age',
    'repair_status', 'repair_barrier_if_end_of_life', 'group_identifier',
    'event_date', 'problem']
CATEGORIES = {
    'desktop': "Desktop computer",
    'laptop': "Laptop",
    'screen': "Flat screen",
    'tablet': "Tablet",
    'smartphone': "Mobile",
    'printer': "Printer/scanner",
    'server': "Desktop computer",
    'network': "PC accessory",
    }
STATUSES = {
    'fixed': "Fixed",
    'repairable': "Repairable",
    'end_of_life': "End of life",
    'unknown': "Unknown",
    }
BARRIERS = {
    'no_parts': "Spare parts not available",
    'expensive_parts': "Spare parts too expensive",
    'closed': "No way to open product",
    'no_information': "Repair information not available",
    'no_equipment': "Lack of equipment",
    'worn_out': "Item too worn out",
    }


class OpenRepairData(Report):
    __name__ = 'device.work.open_repair_data'

    @classmethod
    def _execute(cls, records, header, data, action):
        output = io.StringIO(newline='')
        writer = csv.DictWriter(output, COLUMNS)
        writer.writeheader()
        writer.writerows(cls.get_row(w) for w in records if w.outcome)
        return 'csv', output.getvalue()

    @classmethod
    def get_row(cls, work):
        "Return what may be shared: neither donor, member nor serial number"
        lot, party = work.lot, work.company.party
        row = {
            'id': f'proxymikro-{work.id}',
            'data_provider': party.name,
            'country': cls.get_country(party),
            'partner_product_category': lot.product.template.name,
            'product_category': CATEGORIES.get(lot.device_kind, "Misc"),
            'brand': lot.manufacturer,
            'repair_status': STATUSES[work.outcome],
            'repair_barrier_if_end_of_life': BARRIERS.get(work.barrier),
            'group_identifier': party.name,
            'event_date': (work.end_date or work.start_date).isoformat(),
            'problem': work.problem,
            }
        return {
            k: protect(' '.join((v or '').split())) for k, v in row.items()}

    @classmethod
    def get_country(cls, party):
        address = party.address_get()
        country = address.country if address else None
        return country.code3 if country else 'FRA'
