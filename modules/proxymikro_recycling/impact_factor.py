# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a device costs the climate, by who publishes it, and what a loan avoids.

CO2e avoided = loan-years × (manufacture + distribution + end of life) / life
× substitution: a loan stands for the part of a new device that it replaces. What
a device consumes in use is told, and not counted: old or new, it is used.
"""
import datetime as dt

from trytond.model import DeactivableMixin, ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.modules.proxymikro_stock.product import KINDS


def latest(records, date):
    "Return the last of the records to start among those valid on the date"
    return max(
        (r for r in records if r.is_valid(date)),
        key=lambda r: (r.start_date or dt.date.min, r.id), default=None)


def _kg(name, string, help):
    return fields.Float(
        string, digits=(None, 2), required=True,
        domain=[(name, '>=', 0)], help=help)


class ImpactFactor(ValidityMixin, DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'impact.factor'

    name = fields.Char("Name", required=True, translate=True)
    kind = fields.Selection(
        KINDS, "Kind of Device", required=True, sort=False)
    publisher = fields.Char(
        "Publisher", required=True,
        help="Who publishes the figures.")
    version = fields.Char(
        "Version", required=True,
        help="The edition of the figures, by its date or number.")
    manufacture = _kg(
        'manufacture', "Manufacture", "The kg CO2e to make a new device.")
    distribution = _kg(
        'distribution', "Distribution", "The kg CO2e to bring a new device to its user.")
    use = _kg(
        'use', "Use by Year",
        "The kg CO2e of a year of use. It is told, and not counted in what "
        "is avoided.")
    end_of_life = _kg(
        'end_of_life', "End of Life", "The kg CO2e to treat the device.")
    life = fields.Float(
        "Life", digits=(None, 1), required=True, domain=[('life', '>', 0)],
        help="The years that the figures count a device for.")
    by_year = fields.Function(
        fields.Float(
            "By Year", digits=(None, 1),
            help="The kg CO2e of a year of a new device, use aside."),
        'on_change_with_by_year')
    note = fields.Text("Note", translate=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('kind', 'ASC'))
        cls._order.insert(1, ('start_date', 'DESC NULLS LAST'))

    @fields.depends('manufacture', 'distribution', 'end_of_life', 'life')
    def on_change_with_by_year(self, name=None):
        return round(self.embodied, 1) if self.life else None

    @property
    def embodied(self):
        "The kg CO2e of a year of a new device, use aside, not rounded"
        return sum(
            v or 0 for v in [
                self.manufacture, self.distribution, self.end_of_life]
            ) / self.life


class ImpactSubstitution(
        ValidityMixin, DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'impact.substitution'

    rate = fields.Float(
        "Rate", digits=(1, 2), required=True,
        domain=[('rate', '>=', 0), ('rate', '<=', 1)],
        help="The part of the loans which spare the purchase of a new device. "
        "It is an assumption, which each report declares.")
    declared_by = fields.Char(
        "Declared By",
        help="Who decided to assume it: a board, a study.")
    note = fields.Text("Note", translate=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('start_date', 'DESC NULLS LAST'))

    def get_rec_name(self, name):
        return f'{self.rate:.0%}'
