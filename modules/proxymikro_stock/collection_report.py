# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The documents of a collection, printed for the donor."""
from collections import Counter

from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.report import HTMLReportMixin
from trytond.pool import PoolMeta


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    @property
    def sorted_devices(self):
        return sorted(
            self.devices,
            key=lambda d: (d.product.rec_name, d.number or '', d.id))

    @property
    def deed_rows(self):
        """Return what the deed lists: the devices that are alike, counted.

        A deed is often written before they are entered: then what the donor
        announced.
        """
        counts = Counter(
            (d.product, d.manufacturer, d.model, d.acquired_on, d.gift_value)
            for d in self.sorted_devices)
        rows = [(*row, count) for row, count in counts.items()]
        kinds = {d.product for d in self.devices}
        rows += [
            (l.product, None, None, None, None, l.announced)
            for l in self.lines if l.product not in kinds and l.announced]
        return [dict(zip(
                    ['product', 'manufacturer', 'model', 'acquired_on',
                        'value', 'count'], row)) for row in rows]

    @property
    def has_gaps(self):
        return any(l.gap for l in self.lines)


class CollectionReport(HTMLReportMixin, CompanyReport):
    "What the documents of a collection have in common"
    __slots__ = ()


class PickupSlip(CollectionReport):
    __name__ = 'stock.shipment.in.pickup_slip'


class ReceptionRecord(CollectionReport):
    __name__ = 'stock.shipment.in.reception_record'


class TakeOverCertificate(CollectionReport):
    __name__ = 'stock.shipment.in.take_over_certificate'


class SerialList(CollectionReport):
    __name__ = 'stock.shipment.in.serial_list'


class Deed(CollectionReport):
    __name__ = 'stock.shipment.in.deed'
