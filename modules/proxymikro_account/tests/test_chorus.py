# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import unittest

from lxml import etree

from trytond.modules.proxymikro_account.chorus import RAM, add_references

INVOICE = f'''<?xml version="1.0" encoding="utf-8"?>
<rsm xmlns:ram="{RAM}"><ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty/><ram:BuyerTradeParty/>%s
</ram:ApplicableHeaderTradeAgreement></rsm>'''
ORDER = '''<ram:BuyerOrderReferencedDocument>
<ram:IssuerAssignedID>BC-118</ram:IssuerAssignedID>
</ram:BuyerOrderReferencedDocument>'''


class ChorusTestCase(unittest.TestCase):
    "Test the references of Chorus Pro in the electronic invoice"

    def get_agreement(self, order, *references):
        data = add_references((INVOICE % order).encode('utf-8'), *references)
        agreement, = etree.fromstring(data)
        return [
            (etree.QName(e).localname, ''.join(e.itertext()).strip())
            for e in agreement]

    def test_order(self):
        "The engagement takes the place of the order, the service comes first"
        self.assertEqual(self.get_agreement(ORDER, 'SCOLAIRE', 'EJ1'), [
                ('BuyerReference', 'SCOLAIRE'),
                ('SellerTradeParty', ''),
                ('BuyerTradeParty', ''),
                ('BuyerOrderReferencedDocument', 'EJ1'),
                ])

    def test_no_order(self):
        "The engagement is added when the invoice has no order"
        self.assertEqual(self.get_agreement('', None, 'EJ1'), [
                ('SellerTradeParty', ''),
                ('BuyerTradeParty', ''),
                ('BuyerOrderReferencedDocument', 'EJ1'),
                ])

    def test_nothing(self):
        "Without service nor engagement the order stays"
        self.assertEqual(
            self.get_agreement(ORDER, None, None)[-1],
            ('BuyerOrderReferencedDocument', 'BC-118'))
