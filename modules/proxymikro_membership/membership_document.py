# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a member gets for its fee, on paper: receipt, certificate, card."""
from trytond.i18n import gettext
from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin)
from trytond.pool import Pool

from .exceptions import MembershipDocumentError


class MembershipDocument(FrenchReportMixin, HTMLReportMixin, CompanyReport):
    "A document of memberships in force, in French whoever prints it"

    @classmethod
    def get_context(cls, records, header, data):
        for membership in records:
            if membership.state not in {'active', 'ended'}:
                raise MembershipDocumentError(gettext(
                        'proxymikro_membership.msg_document_active',
                        membership=membership.rec_name))
        return super().get_context(records, header, data)


class Certificate(MembershipDocument):
    __name__ = 'party.membership.certificate'


class Card(MembershipDocument):
    __name__ = 'party.membership.card'
    stylesheets = [
        *MembershipDocument.stylesheets,
        'proxymikro_membership/report/membership_card.css']

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['code'] = cls.get_code
        return context

    @staticmethod
    def get_code(membership):
        "Return what the QR code says: what is written on the card, no more"
        Lang = Pool().get('ir.lang')
        return '\n'.join([
                membership.company.party.name,
                membership.rec_name,
                Lang.get().strftime(membership.end_date)])


class FeeReceipt(MembershipDocument):
    __name__ = 'party.membership.receipt'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        for membership in records:
            if not membership.invoice or membership.invoice.state != 'paid':
                raise MembershipDocumentError(gettext(
                        'proxymikro_membership.msg_document_paid',
                        membership=membership.rec_name))
        context['get_parts'] = cls.get_parts
        return context

    @staticmethod
    def get_parts(membership):
        """Return the parts of the fee, those with something in return apart.

        Each is (description, with something in return, amount).
        """
        return [
            (line.description,
                bool(line.account.code and line.account.code.startswith(
                        '7562')),
                line.amount)
            for line in membership.invoice.lines if line.type == 'line']
