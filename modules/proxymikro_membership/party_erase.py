# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What replaces a party, what prevents to erase it, what is erased with it."""
from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.modules.party.exceptions import EraseError
from trytond.modules.proxymikro_base.party import ERASED, erased
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('company.employee', 'partner_company'),
            ('party.consent', 'party'),
            ('party.membership', 'party'),
            ('party.membership', 'place'),
            ('party.membership', 'introduced_by'),
            ('party.membership.beneficiary', 'party'),
            ('party.membership.campaign.line', 'party'),
            ('party.membership.assembly.voter', 'party'),
            ('party.network', 'head'),
            ('party.network-party.party', 'party'),
            ('party.relay', 'party'),
            ('support.request', 'party'),
            ]


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def check_erase_company(self, party, company):
        super().check_erase_company(party, company)
        self._check_membership(party, company)
        self._check_volunteer(party, company)
        self._check_receipt(party, company)

    def _check_membership(self, party, company):
        pool = Pool()
        Membership = pool.get('party.membership')
        memberships = Membership.search([
                ['OR', ('party', '=', party.id), ('place', '=', party.id)],
                ('company', '=', company.id),
                ('state', 'in', ['called', 'active']),
                ('end_date', '>=', pool.get('ir.date').today()),
                ], limit=1)
        if memberships:
            raise EraseError(gettext(
                    'proxymikro_membership.msg_erase_party_membership',
                    party=party.rec_name,
                    membership=memberships[0].rec_name))

    def _check_volunteer(self, party, company):
        Employee = Pool().get('company.employee')
        if Employee.search([
                    ('party', '=', party.id),
                    ('company', '=', company.id),
                    ('active', '=', True),
                    ], limit=1):
            raise EraseError(gettext(
                    'proxymikro_membership.msg_erase_party_volunteer',
                    party=party.rec_name))

    def _check_receipt(self, party, company):
        "The copies of the receipts are kept"
        kept = self._find_kept(
            'account.tax.receipt', party, company, 'receipt_months')
        if kept:
            receipt, until = kept
            raise EraseError(gettext(
                    'proxymikro_membership.msg_erase_party_receipt',
                    party=party.rec_name, receipt=receipt.rec_name,
                    date=until))

    def _find_kept(self, model, party, company, months, domain=()):
        """Return the last record of the party that is kept, and until when.

        The months are a field of the configuration.
        """
        pool = Pool()
        Date = pool.get('ir.date')
        Lang = pool.get('ir.lang')
        kept = relativedelta(
            months=getattr(pool.get('party.configuration')(1), months))
        records = pool.get(model).search([
                ('party', '=', party.id),
                ('company', '=', company.id),
                ('date', '>', Date.today() - kept),
                *domain,
                ], order=[('date', 'DESC')], limit=1)
        if records:
            record, = records
            return record, Lang.get().strftime(record.date + kept)

    def to_erase(self, party_id):
        pool = Pool()
        return super().to_erase(party_id) + [
            (pool.get('party.party'), [('id', '=', party_id)], True,
                ['opening_hours'], [None]),
            (pool.get('party.membership'), [('party', '=', party_id)], True,
                ['gratis_reason', 'end_note'], [erased] * 2),
            (pool.get('party.membership.message'),
                [('membership.party', '=', party_id)], True,
                ['address'], [erased]),
            (pool.get('party.membership.campaign.line'),
                [('party', '=', party_id)], True,
                ['exclusion_note'], [erased]),
            (pool.get('party.membership.assembly.voter'),
                [('party', '=', party_id)], True,
                ['representative'], [erased]),
            (pool.get('party.consent'), [('party', '=', party_id)], True,
                ['proof'], [ERASED]),
            # The stop stays
            (pool.get('party.relay'), [('party', '=', party_id)], True,
                ['consented_on', 'consent_proof'], [None, None]),
            (pool.get('support.request'), [('party', '=', party_id)], True,
                ['subject', 'text', 'contact', 'solution', 'waive_reason',
                    'satisfaction_note', 'email'],
                [erased] * 6 + [None]),
            (pool.get('ir.chat.message'), self._get_chat(party_id), False,
                ['content', 'email', 'reference'], [erased] * 3),
            (pool.get('volunteer.time'),
                [('employee.party', '=', party_id)], True,
                ['description'], [erased]),
            ]

    def _get_chat(self, party_id):
        "Return the domain of what was said about the requests of the party"
        return [
            ('channel.resource.party', '=', party_id, 'support.request')]

    def get_emails(self, party):
        Voter = Pool().get('party.membership.assembly.voter')
        return super().get_emails(party) + [
            v.email for v in Voter.search([
                    ('party', '=', party.id),
                    ('email', '!=', None),
                    ])]

    @without_check_access
    def transition_erase(self):
        parties = self._get_parties()
        result = super().transition_erase()
        for party in parties:
            self._delete_details(party)
        return result

    def _delete_details(self, party):
        "Delete what a volunteer can do and when, and who followed its requests"
        pool = Pool()
        employee = [('employee.party', '=', party.id)]
        for name, domain in [
                ('volunteer.availability', employee),
                ('company.employee-volunteer.skill', employee),
                ('ir.chat.follower',
                    [self._get_chat(party.id), ('email', '!=', None)]),
                ]:
            Model = pool.get(name)
            Model.delete(Model.search(domain))
