# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who left long ago is anonymised: its name goes, the books keep their lines.

Regulation (EU) 2016/679, art. 5.1 e.
"""
from contextlib import contextmanager

from dateutil.relativedelta import relativedelta
from sql import Null
from sql.aggregate import Max

from trytond.model import fields
from trytond.modules.party.exceptions import EraseError
from trytond.pool import Pool, PoolMeta
from trytond.transaction import (
    Transaction, inactive_records, without_check_access)

# What the cron does in one go
BATCH = 200


class Configuration(metaclass=PoolMeta):
    __name__ = 'party.configuration'

    retention_months = fields.Integer(
        "Anonymise After (months)",
        domain=['OR',
            ('retention_months', '=', None),
            ('retention_months', '>', 0),
            ],
        help="The months after which the persons who left are anonymised.\n"
        "Empty: nobody is.")
    receipt_months = fields.Integer(
        "Keep the Tax Receipts (months)", required=True,
        domain=[('receipt_months', '>=', 0)],
        help="The months during which the donor of a tax receipt is not "
        "erased: 6 years (LPF, art. L102 E).")

    @classmethod
    def default_receipt_months(cls):
        return 72


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    left_on = fields.Function(
        fields.Date(
            "Left On", help="The last day of the last membership."),
        'get_left_on')
    to_anonymise = fields.Function(
        fields.Boolean(
            "To Anonymise",
            help="Checked if the person left longer ago than the "
            "configuration keeps it."),
        'get_to_anonymise', searcher='search_to_anonymise')
    kept_because = fields.Function(
        fields.Char(
            "Kept Because", help="What prevents the person to be erased."),
        'get_kept_because')

    @classmethod
    def get_left_on(cls, parties, name):
        Membership = Pool().get('party.membership')
        result = dict.fromkeys(map(int, parties))
        for membership in Membership.search([
                    ('party', 'in', list(result)),
                    ('state', 'in', ['active', 'ended']),
                    ], order=[('end_date', 'ASC')]):
            result[membership.party.id] = membership.end_date
        return result

    @classmethod
    def get_to_anonymise(cls, parties, name):
        with inactive_records():
            due = {p.id for p in cls.search([
                        ('id', 'in', list(map(int, parties))),
                        ('to_anonymise', '=', True)])}
        return {p.id: p.id in due for p in parties}

    @classmethod
    @without_check_access
    def get_kept_because(cls, parties, name):
        """Return why those to anonymise can't be, None for the others.

        In its tests core reads all the fields of what is recorded.
        """
        result = dict.fromkeys(map(int, parties))
        if due := [p for p in parties if p.to_anonymise]:
            with cls._eraser() as erase:
                for party in due:
                    result[party.id] = cls._check_erase(erase, party)
        return result

    @classmethod
    def search_to_anonymise(cls, name, clause):
        _, operator, value = clause
        values = value if operator in {'in', 'not in'} else [value]
        deny = operator in {'!=', 'not in'}
        wanted = {v for v in (True, False) if (v in values) != deny}
        if len(wanted) != 1:
            return [] if wanted else [('id', '<', 0)]
        limit = cls._retention_limit()
        if not limit:
            return [('id', '<', 0)] if True in wanted else []
        domain = [
            ('name', '!=', None),
            ['OR',
                ('legal_kind', '=', 'individual'),
                [
                    ('legal_kind', '=', None),
                    ('identifiers', 'not where', [
                            ('type', 'in', cls._legal_identifiers())]),
                    ],
                ],
            ('id', 'in', cls._gone_query(limit)),
            *[('id', 'not in', query) for query in cls._contact_queries(limit)],
            ('consents', 'not where', [
                    ('in_force', '=', True),
                    ('purpose.keep_data', '=', True)]),
            ]
        if True in wanted:
            return domain
        due = [p.id for p in cls.search(
                [domain, ('active', 'in', [True, False])])]
        return [('id', 'not in', due)]

    @classmethod
    def _legal_identifiers(cls):
        "Return the types of identifier that only organisations have"
        return [
            'eu_vat', 'fr_rna', 'fr_siren', 'fr_siret', 'fr_tva', 'fr_uai']

    @classmethod
    def _retention_limit(cls):
        "Return the day before which who left is anonymised, if any"
        pool = Pool()
        months = pool.get('party.configuration')(1).retention_months
        if months:
            return pool.get('ir.date').today() - relativedelta(months=months)

    @classmethod
    def _gone_query(cls, limit):
        "Return the query of the parties whose memberships are all over"
        table = Pool().get('party.membership').__table__()
        return table.select(
            table.party, group_by=table.party,
            having=Max(table.end_date) < limit)

    @classmethod
    def _contact_queries(cls, limit):
        "Return the queries of the parties known for something else since"
        pool = Pool()
        Membership = pool.get('party.membership')
        Beneficiary = pool.get('party.membership.beneficiary')
        Employee = pool.get('company.employee')
        Gift = pool.get('account.gift')
        Request = pool.get('support.request')
        membership = Membership.__table__()
        beneficiary = Beneficiary.__table__()
        employee = Employee.__table__()
        gift = Gift.__table__()
        request = Request.__table__()
        return [
            beneficiary.join(
                membership,
                condition=beneficiary.membership == membership.id).select(
                    beneficiary.party, where=membership.end_date >= limit),
            employee.select(
                employee.party,
                where=(employee.end_date == Null)
                | (employee.end_date >= limit)),
            gift.select(
                gift.party,
                where=(gift.date >= limit) & (gift.party != Null)),
            request.select(
                request.party,
                where=(request.date >= limit) & (request.party != Null)),
            ]

    @classmethod
    def _check_erase(cls, erase, party):
        "Return why the party may not be erased, if it may not"
        party = cls(party.id)
        party.active = False
        try:
            erase.check_erase(party)
        except EraseError as exception:
            return exception.message

    @classmethod
    @without_check_access
    def anonymise(cls):
        "Erase the persons who left longer ago than the configuration says"
        with inactive_records():
            parties = cls.search(
                [('to_anonymise', '=', True)], order=[('id', 'ASC')])
        erased = []
        with cls._eraser() as erase:
            for party in parties:
                if not cls._check_erase(erase, party):
                    cls.write([party], {'active': False})
                    erase.ask.party = cls(party.id)
                    erase.transition_erase()
                    erased.append(party)
                    if len(erased) == BATCH:
                        break
        return erased

    @classmethod
    @contextmanager
    def _eraser(cls):
        """Give the wizard of core that erases, whoever looks at the list.

        It has no session: what is only read may not write one.
        """
        pool = Pool()
        Erase = pool.get('party.erase', type='wizard')
        erase = Erase.__new__(Erase)
        erase.ask = pool.get('party.erase.ask')()
        with Transaction().set_user(0):
            yield erase


class Cron(metaclass=PoolMeta):
    __name__ = 'ir.cron'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(
            ('party.party|anonymise', "Anonymise Who Left"))
