# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What core forgets to erase of a person."""
from sql import Column, Literal, Null
from sql.conditionals import Case

from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice
from trytond.transaction import (
    Transaction, inactive_records, without_check_access)

ERASED = '****'
# What fits in one query, whatever the database
SLICE = 500


def erased(column):
    "Return the value that says that something was written"
    return Case((column != Null, Literal(ERASED)), else_=Null)


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def to_erase(self, party_id):
        pool = Pool()
        # Core leaves the same number or address without its spaces
        return super().to_erase(party_id) + [
            (pool.get('party.identifier'), [('party', '=', party_id)], True,
                ['code_compact'], [ERASED]),
            (pool.get('party.contact_mechanism'),
                [('party', '=', party_id)], True,
                ['value_compact'], [ERASED]),
            ]

    @without_check_access
    def transition_erase(self):
        emails = [e for p in self._get_parties() for e in self.get_emails(p)]
        result = super().transition_erase()
        self._erase_emails(emails)
        return result

    def _get_parties(self):
        "Return the party and those that it replaced"
        Party = Pool().get('party.party')
        parties, replaced = [], [self.ask.party]
        with inactive_records():
            while replaced:
                parties += replaced
                replaced = Party.search(
                    [('replaced_by', 'in', list(map(int, replaced)))])
        return parties

    def get_emails(self, party):
        "Return the messages about what is erased with the party"
        return self.search_resources(Pool().get('ir.email'), party)

    def search_resources(self, Resource, party):
        "Return what is attached to what is erased with the party"
        records = []
        with inactive_records():
            for Model, domain, resource, *_ in self.to_erase(party.id):
                if resource:
                    records += map(str, Model.search(domain))
        return [
            r for sub in grouped_slice(sorted(set(records)), SLICE)
            for r in Resource.search([('resource', 'in', list(sub))])]

    def _erase_emails(self, emails):
        "That a message was sent stays, not to whom nor what it said"
        pool = Pool()
        Attachment = pool.get('ir.attachment')
        for sub in grouped_slice(emails, SLICE):
            sub = list(sub)
            Attachment.delete(Attachment.search(
                    [('resource', 'in', list(map(str, sub)))]))
            ids = [e.id for e in sub]
            self._erase_columns('ir.email', 'id', ids, [
                    'recipients', 'recipients_secondary',
                    'recipients_hidden', 'subject', 'body'])
            self._erase_columns(
                'ir.email.address', 'email', ids, ['address'])

    def _erase_columns(self, name, key, ids, names):
        table = Pool().get(name).__table__()
        columns = [Column(table, n) for n in names]
        Transaction().connection.cursor().execute(*table.update(
                columns, list(map(erased, columns)),
                where=fields.SQL_OPERATORS['in'](Column(table, key), ids)))
