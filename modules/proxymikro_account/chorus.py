# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What Chorus Pro wants to find in the invoices of public bodies."""
from lxml import etree

from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

RAM = ('urn:un:unece:uncefact:data:standard:'
    'ReusableAggregateBusinessInformationEntity:100')


def add_references(data, service_code, engagement_number):
    """Return the CII invoice with the service which receives it and the number
    under which the money has been set aside."""
    root = etree.fromstring(data)
    agreement = root.find(f'.//{{{RAM}}}ApplicableHeaderTradeAgreement')
    if service_code:
        reference = agreement.find(f'{{{RAM}}}BuyerReference')
        if reference is None:
            reference = etree.Element(f'{{{RAM}}}BuyerReference')
            agreement.insert(0, reference)
        reference.text = service_code
    if engagement_number:
        order = agreement.find(f'{{{RAM}}}BuyerOrderReferencedDocument')
        if order is None:
            order = etree.Element(f'{{{RAM}}}BuyerOrderReferencedDocument')
            buyer = agreement.find(f'{{{RAM}}}BuyerTradeParty')
            buyer.addnext(order)
        number = order.find(f'{{{RAM}}}IssuerAssignedID')
        if number is None:
            number = etree.SubElement(order, f'{{{RAM}}}IssuerAssignedID')
        number.text = engagement_number
    return etree.tostring(root, encoding='utf-8', xml_declaration=True)


class UNCEFACTInvoice(metaclass=PoolMeta):
    __name__ = 'edocument.uncefact.invoice'

    def render(self, template):
        data = super().render(template)
        if Transaction().context.get('account_fr_chorus'):
            data = add_references(
                data, self.invoice.service_code,
                self.invoice.engagement_number)
        return data


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    @fields.depends('legal_kind')
    def on_change_legal_kind(self):
        Configuration = Pool().get('account.configuration')
        if Configuration(1).chorus_syntax:
            self.chorus = self.legal_kind == 'public'
