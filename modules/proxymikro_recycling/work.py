# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a work order fits and takes out are the parts of a dismantling."""
from trytond.pool import Pool, PoolMeta


class Location(metaclass=PoolMeta):
    __name__ = 'stock.location'

    @classmethod
    def get_work_locations(cls):
        "What is fitted comes back by a work order or by a dismantling"
        store, work = super().get_work_locations()
        if warehouse := cls.get_default_warehouse():
            work = cls(warehouse).production_location or work
        return store, work


class Component(metaclass=PoolMeta):
    __name__ = 'device.component'

    @property
    def part_product(self):
        Product = Pool().get('product.product')
        if product := super().part_product:
            return product
        products = Product.search(
            [('component_kind', '=', self.kind)],
            order=[('id', 'ASC')], limit=1)
        return products[0] if products else None


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    @property
    def part_kind(self):
        kind = super().part_kind
        if not kind and self.component_kind != 'scrap':
            kind = self.component_kind
        return kind
