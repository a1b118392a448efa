# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What goes with what is sold: each lot by its numbers."""
from collections import defaultdict, namedtuple

from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin)
from trytond.pool import Pool

SoldLot = namedtuple(
    'SoldLot', ['lot', 'quantity', 'unit', 'regimes', 'certificates'])


class _SoldLotsReport(FrenchReportMixin, HTMLReportMixin, CompanyReport):
    "A document that lists what is sold, without saying who gave it"

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['sold_lots'] = cls.get_sold_lots
        return context

    @classmethod
    def get_sold_lots(cls, moves):
        "Return what the moves take of each lot, in the order of the numbers"
        moves = sorted(
            (m for m in moves if m.lot and m.state != 'cancelled'),
            key=lambda m: (m.product.name, m.lot.number))
        lots = [m.lot for m in moves]
        certificates = cls._get_certificates(lots)
        return [
            SoldLot(
                m.lot, m.quantity, m.unit,
                ', '.join(sorted({
                            c.gift_regime.rec_name
                            for c in m.lot.source_collections
                            if c.gift_regime})),
                certificates[m.lot.id])
            for m in moves]

    @classmethod
    def _get_certificates(cls, lots):
        "Return by lot the numbers of the erasures of what it holds"
        Erasure = Pool().get('device.erasure')
        ids = [l.id for l in lots]
        certificates = defaultdict(list)
        for erasure in Erasure.search([
                    ('state', '=', 'validated'),
                    ('result', '=', 'success'),
                    ['OR',
                        ('component.extracted_lot', 'in', ids),
                        [
                            ('component.lot', 'in', ids),
                            ('component.extracted_lot', '=', None),
                            ],
                        ],
                    ], order=[('number', 'ASC')]):
            component = erasure.component
            lot = component.extracted_lot or component.lot
            certificates[lot.id].append(erasure.number)
        return certificates


class DeliveryNote(_SoldLotsReport):
    __name__ = 'recycling.delivery_note'


class InvoiceLots(_SoldLotsReport):
    __name__ = 'recycling.invoice_lots'
