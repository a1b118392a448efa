# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What anybody who reads the label of a device may know of it."""
import re
import secrets
import zoneinfo

from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access

TOKEN = re.compile(r'[0-9a-f]{32}')


def new_token():
    "Return 128 bits that nobody can guess"
    return secrets.token_hex(16)


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    public_url = fields.Function(
        fields.Char(
            "Public Page",
            states={
                'invisible': ~Eval('device', False),
                },
            help="The page that the QR code of the label opens: "
            "what the device is, and how to report a breakdown."),
        'on_change_with_public_url')
    issues = fields.One2Many(
        'device.issue', 'lot', "Breakdown Reports", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'renew_token': {
                    'invisible': ~Eval('device', False),
                    'depends': ['device'],
                    },
                })

    @fields.depends('token', 'product', '_parent_product.device')
    @without_check_access
    def on_change_with_public_url(self, name=None):
        "Return the address of the page, whatever the name of the server"
        Configuration = Pool().get('stock.configuration')
        if self.token and self.product and self.product.device:
            return f'{Configuration(1).public_base}/d/{self.token}'

    @classmethod
    @ModelView.button
    def renew_token(cls, lots):
        "Revoke the labels that are printed"
        for lot in lots:
            lot.token = new_token()
        cls.save(lots)

    @classmethod
    def search_public(cls, token):
        """Return the device of the token, be it out of use, if any.

        The label may be the one of a card that was given up.
        """
        if not TOKEN.fullmatch(token):
            return
        with Transaction().set_context(active_test=False):
            lots = cls.search([
                    ('token', '=', token),
                    ('device', '=', True),
                    ])
        return cls.follow(lots)[lots[0]] if lots else None

    def get_public_page(self):
        """Return all that the public page says.

        Neither who gave or has the device, nor its serial numbers or value.
        """
        company = self._get_public_company()
        return {
            'kind': self.product.name,
            'manufacturer': self.manufacturer,
            'model': self.model,
            'number': self.number,
            'is_ours': self.is_ours,
            'association': company.party if company else None,
            'data': self._get_public_data(company),
            }

    @property
    def is_ours(self):
        "Whether the association owns the device, be it lent or lost"
        place = self.location
        return bool(place) and (
            bool(place.warehouse)
            or (place.type == 'lost_found' and place.stage != 'treatment'))

    def _get_public_company(self):
        Company = Pool().get('company.company')
        if self.collection:
            return self.collection.company
        companies = Company.search([], order=[('id', 'ASC')], limit=1)
        return companies[0] if companies else None

    def _get_public_data(self, company):
        """Return what became of the data: a state, a date, the methods.

        To erase is not told apart from unknown: it would draw thieves.
        """
        state = self.sanitisation
        if state == 'diskless':
            dates = [d.date for d in self.declarations if d.state == 'signed']
            return {'state': state, 'date': max(dates, default=None)}
        if state != 'erased':
            return {'state': 'none' if state == 'none' else 'unknown'}
        last = {}
        for component in self.components:
            if component.kind == 'drive' and component.erased:
                for erasure in component.erasures:
                    if erasure.state == 'validated':
                        previous = last.setdefault(component, erasure)
                        last[component] = max(
                            previous, erasure, key=lambda e: e.end)
        ends = [e.end for e in last.values()]
        return {
            'state': state,
            'date': _get_day(max(ends), company) if ends else None,
            'methods': {e.method for e in last.values()},
            }

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('issues', None)
        return super().copy(lots, default=default)


def _get_day(instant, company):
    "Return the day of the UTC time where the association is"
    if company and company.timezone:
        utc = instant.replace(tzinfo=zoneinfo.ZoneInfo('UTC'))
        instant = utc.astimezone(zoneinfo.ZoneInfo(company.timezone))
    return instant.date()
