# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    @without_check_access
    def _update_memberships(cls, invoices):
        "A membership is active as long as its invoice is paid"
        Membership = Pool().get('party.membership')
        memberships = Membership.search([
                ('invoice', 'in', [i.id for i in invoices]),
                ('state', 'in', ['called', 'active']),
                ])
        paid = [m for m in memberships if m.invoice.state == 'paid']
        Membership.activate([m for m in paid if m.state == 'called'])
        Membership._called([
                m for m in memberships
                if m not in paid and m.state == 'active'])

    @classmethod
    def process(cls, invoices):
        super().process(invoices)
        cls._update_memberships(cls.browse(invoices))


class InvoiceLine(metaclass=PoolMeta):
    __name__ = 'account.invoice.line'

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['party.membership']
