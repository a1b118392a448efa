# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The fees of a campaign which are invoiced through Chorus Pro."""
from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access


class CampaignLine(metaclass=PoolMeta):
    __name__ = 'party.membership.campaign.line'

    remark = fields.Function(
        fields.Char(
            "To Check",
            help="What the body may ask for. It does not prevent the call."),
        'get_remark')
    chorus_state = fields.Function(
        fields.Selection('get_chorus_states', "Chorus Pro"),
        'get_chorus_state')

    @classmethod
    def get_chorus_states(cls):
        Deposit = Pool().get('account.invoice.chorus')
        return [(None, ""), *Deposit.fields_get(['state'])['state'][
                'selection']]

    @classmethod
    @without_check_access
    def get_chorus_state(cls, lines, name):
        Deposit = Pool().get('account.invoice.chorus')
        invoices = {
            l.renewal.invoice: l.id for l in lines
            if l.renewal and l.renewal.invoice}
        states = dict.fromkeys(map(int, lines))
        for deposit in Deposit.search(
                [('invoice', 'in', [i.id for i in invoices])]):
            states[invoices[deposit.invoice]] = deposit.state
        return states

    def get_remark(self, name):
        if (self.state == 'to_call' and self.channel == 'chorus'
                and not self.party.service_code
                and not self.engagement_number):
            return gettext(
                'proxymikro_membership.msg_campaign_chorus_reference',
                party=self.party.rec_name)

    def _find_problem(self, last):
        problem = super()._find_problem(last)
        if problem or self.membership.gratis or not self.type.fees:
            return problem
        if self.channel == 'chorus' and not self.party.chorus:
            return gettext(
                'proxymikro_membership.msg_campaign_chorus_party',
                party=self.party.rec_name)
        # Whatever the way of the line: the core deposits what it posts
        if self.party.chorus:
            for party in [self.campaign.company.party, self.party]:
                address = party.address_get(type='invoice')
                if not address or not address.siret:
                    return gettext(
                        'proxymikro_membership.msg_campaign_chorus_siret',
                        party=self.party.rec_name,
                        address=(address or party).rec_name)
