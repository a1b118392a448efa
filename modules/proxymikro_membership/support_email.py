# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Requests which come by e-mail, through core's inbound_email."""
from email.utils import parseaddr

from trytond.modules.proxymikro_base.mail import is_address
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

# What a subject and a text may hold of a message
SUBJECT_SIZE, TEXT_SIZE = 200, 20_000


class SupportRequest(metaclass=PoolMeta):
    __name__ = 'support.request'

    @classmethod
    def from_inbound_email(cls, email_, rule):
        """Open a request with what the e-mail says and return it.

        The member is found by the address of the sender.
        """
        pool = Pool()
        Company = pool.get('company.company')
        ContactMechanism = pool.get('party.contact_mechanism')
        message = email_.as_dict()
        sender = parseaddr(message.get('from') or '')[1]
        company, = Company.search([], order=[('id', 'ASC')], limit=1)
        found = ContactMechanism.search([
                ('type', '=', 'email'),
                ('value_compact', 'ilike', sender or '—'),
                ], limit=2)
        parties = {m.party for m in found}
        text = (message.get('text') or '').replace('\x00', '')
        with Transaction().set_context(company=company.id, language='fr'):
            request = cls(
                company=company, channel='email',
                email=sender if is_address(sender) else None,
                party=parties.pop() if len(parties) == 1 else None,
                subject=(message.get('subject') or "—")[:SUBJECT_SIZE],
                text=text[:TEXT_SIZE])
            request.save()
        return request


class InboundEmailRule(metaclass=PoolMeta):
    __name__ = 'inbound.email.rule'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.action.selection.append(
            ('support.request|from_inbound_email', "Open a Request"))
