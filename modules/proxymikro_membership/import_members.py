# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Bring in the members, or the schools, that another register knows.

What is already there is completed, never overwritten. A row which looks like a
party, without being it for sure, is refused until the file says which one it
is: no duplicate is made in silence.
"""
from collections import defaultdict
from functools import cached_property

from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.modules.proxymikro_base.import_batch import RowPlan
from trytond.modules.proxymikro_base.importer import (
    are_rows, near, normalize, show)
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

from . import member_row
from .exceptions import MemberImportError
from .member_row import IDENTIFIERS, LABELS
from .membership import TAKEN

MAX_BATCH = 500
MEMBER_NUMBER = 'proxymikro_member'


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def get_kinds(cls):
        return super().get_kinds() + [
            ('members', gettext('proxymikro_membership.msg_import_members'))]

    @classmethod
    def get_targets(cls):
        IrModel = Pool().get('ir.model')
        targets = super().get_targets()
        company = 'company.company'
        if company not in {name for name, _ in targets}:
            targets.append((company, IrModel.get_name(company)))
        return targets


class Configuration(metaclass=PoolMeta):
    __name__ = 'party.configuration'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.identifier_types.selection = [
            *cls.identifier_types.selection,
            (MEMBER_NUMBER, "Member Number (Former Register)"),
            ]


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__['import_members'] = RPC(readonly=False)

    @classmethod
    def import_members(cls, rows, source, handled=0, dry_run=False):
        """Create or complete the parties of the rows, or none of them.

        Those with a type and a date get a membership, paid before. The
        arguments are those of the other imports.

        Return the numbers of rows which created a party, completed one and
        said nothing new, of memberships, and the errors by line and column:
        if there is one, nothing was written.
        """
        pool = Pool()
        Batch = pool.get('import.batch')
        Company = pool.get('company.company')
        source = Batch.check_source(source)
        cls._check_import_members(rows, handled)
        company = Company(Transaction().context['company'])
        if not dry_run:
            # Two imports at once wait for each other
            with without_check_access():
                Company.write([company], {})
        plan = MemberPlan(rows, source['file_name'])
        if not dry_run:
            if plan.errors:
                handled, plan.memberships = 0, []
                plan.results = dict.fromkeys(plan.results, 0)
            else:
                plan.apply()
            Batch.record(
                'members', company, source, handled,
                created=plan.results['created'],
                updated=plan.results['updated'], errors=plan.errors)
        return plan.get_result()

    @classmethod
    def _check_import_members(cls, rows, handled):
        pool = Pool()
        Access = pool.get('ir.model.access')
        transaction = Transaction()
        if transaction.check_access:
            for name in [cls.__name__, 'party.membership']:
                Access.check(name, 'create')
        if (not are_rows(rows, handled, LABELS, MAX_BATCH)
                or transaction.context.get('company') is None):
            raise MemberImportError(gettext(
                    'proxymikro_membership.msg_import_members_rows',
                    count=MAX_BATCH))


class MemberPlan(RowPlan):
    "What rows would do"
    row_module = member_row

    def __init__(self, rows, file_name):
        self.file_name = file_name
        self.errors, self.parties, self.memberships = [], [], []
        self.results = {'created': 0, 'updated': 0, 'unchanged': 0}
        with without_check_access():
            rows = self._parse(rows)
            self._search_types()
            self._search_parties(rows)
            matches = [(row, self._match(row)) for row in rows]
            self._check_once(matches)
            found = [p for _, p in matches if p]
            self._search_memberships(found)
            if not self.errors:
                for row, party in matches:
                    self._add(row, party)

    def _error(self, row, column, message, /, **values):
        super()._error(
            row, column,
            f'proxymikro_membership.msg_import_members_{message}', **values)

    def _search_types(self):
        Type = Pool().get('party.membership.type')
        self.types = {normalize(t.name): t for t in Type.search([
                    ('company', '=', Transaction().context['company'])])}

    def _search_parties(self, rows):
        "Read what the rows may be, in one query for each thing to look at"
        pool = Pool()
        Contact = pool.get('party.contact_mechanism')
        Identifier = pool.get('party.identifier')
        Party = pool.get('party.party')

        def values(name):
            return list({r.values[name] for r in rows if r.values[name]})
        self.by_code = {p.code: p for p in Party.search(
                [('code', 'in', values('party'))])}
        self.by_identifier = defaultdict(set)
        for identifier in Identifier.search([
                    ('type', 'in', list(IDENTIFIERS.values())),
                    ('code', 'in', sum(map(values, IDENTIFIERS), []))]):
            self.by_identifier[identifier.type, identifier.code].add(
                identifier.party)
        self.by_email = defaultdict(set)
        for contact in Contact.search([
                    ('type', '=', 'email'),
                    ['OR'] + [
                        ('value', 'ilike', e) for e in values('email')],
                    ]) if values('email') else []:
            self.by_email[contact.value.lower()].add(contact.party)
        names = {normalize(r.name) for r in rows}
        ids = defaultdict(list)
        for known in Party.search_read([], fields_names=['name']):
            if (name := normalize(known['name'] or '')) in names:
                ids[name].append(known['id'])
        parties = {p.id: p for p in Party.browse(sum(ids.values(), []))}
        self.by_name = {n: {parties[i] for i in l} for n, l in ids.items()}

    def _match(self, row):
        "Return the party of the row, None if it is to create"
        code = row.values['party']
        if code and not row.new:
            if not (party := self.by_code.get(code)):
                self._error(row, 'party', 'party', code=show(code))
            return party
        sure = set()
        for name, type_ in IDENTIFIERS.items():
            sure |= self.by_identifier.get((type_, row.values[name]), set())
        if not sure:
            names = self.by_name.get(normalize(row.name), set())
            emails = self.by_email.get(row.values['email'], set())
            likely = {p for p in names | emails if self._may_be(row, p)}
            sure = {p for p in likely & names if (
                    p in emails or self._same_place(row, p))}
            if not sure and likely and not row.new and (
                    not row.identified):
                self._error(
                    row, 'party', 'proposal', name=row.name,
                    parties=self._list(likely))
        if len(sure) > 1:
            self._error(
                row, 'party', 'parties', name=row.name,
                parties=self._list(sure))
        return min(sure, key=lambda p: p.id, default=None)

    @staticmethod
    def _list(parties):
        return ' ; '.join(
            f'{p.code} ({p.name})'
            for p in sorted(parties, key=lambda p: p.id)[:5])

    @staticmethod
    def _may_be(row, party):
        "Whether no identifier tells the party from the row"
        codes = {i.type: i.code for i in party.identifiers}
        return all(
            not row.values[n] or codes.get(t, row.values[n]) == row.values[n]
            for n, t in IDENTIFIERS.items())

    @staticmethod
    def _same_place(row, party):
        number, postal_code = row.values['member'], row.values['postal_code']
        return (
            number and any(
                i.type == MEMBER_NUMBER and i.code == number
                for i in party.identifiers)
            or postal_code and any(
                a.postal_code == postal_code for a in party.addresses))

    def _check_once(self, matches):
        rows = defaultdict(list)
        for row, party in matches:
            if party:
                rows[party].append(row)
        for party, twice in rows.items():
            for row in twice if len(twice) > 1 else []:
                self._error(row, 'party', 'twice', parties=self._list([party]))

    def _search_memberships(self, parties):
        Membership = Pool().get('party.membership')
        self.known = defaultdict(list)
        for membership in Membership.search([
                    ('party', 'in', [p.id for p in parties]),
                    ('company', '=', Transaction().context['company']),
                    ('state', 'in', TAKEN)]):
            self.known[membership.party].append(membership)

    def _add(self, row, party):
        Party = Pool().get('party.party')
        membership = self._get_membership(row, party)
        if party:
            changed = self._complete(row, party)
            self.results[
                'updated' if changed or membership else 'unchanged'] += 1
        else:
            party = Party(name=row.name)
            changed = self._complete(row, party)
            self.results['created'] += 1
        if changed:
            self.parties.append(party)
        if membership:
            membership.party = party
            self.memberships.append(membership)

    def _complete(self, row, party):
        "Add to the party what the row says more; return whether it does"
        pool = Pool()
        Address = pool.get('party.address')
        Contact = pool.get('party.contact_mechanism')
        Identifier = pool.get('party.identifier')
        values, before = row.values, not getattr(party, 'id', None)
        changed = before
        if values['pupils'] not in {None, getattr(party, 'pupils', None)}:
            party.pupils, changed = values['pupils'], True
        addresses = list(getattr(party, 'addresses', []))
        if values['postal_code'] and not any(
                a.postal_code for a in addresses):
            party.addresses = addresses + [Address(
                    street=values['street'], city=values['city'],
                    postal_code=values['postal_code'],
                    country=self._country)]
            changed = True
        contacts = list(getattr(party, 'contact_mechanisms', []))
        types = {c.type for c in contacts}
        more = [
            Contact(type=t, value=values[t])
            for t in ['email', 'phone', 'mobile']
            if values[t] and t not in types]
        if more:
            party.contact_mechanisms, changed = contacts + more, True
        identifiers = list(getattr(party, 'identifiers', []))
        types = {i.type for i in identifiers}
        more = [
            Identifier(type=t, code=values[n])
            for n, t in [*IDENTIFIERS.items(), ('member', MEMBER_NUMBER)]
            if values[n] and t not in types]
        if more:
            party.identifiers, changed = identifiers + more, True
        return changed

    @cached_property
    def _country(self):
        Company = Pool().get('company.company')
        address = Company(
            Transaction().context['company']).party.address_get()
        return address.country if address else None

    def _get_membership(self, row, party):
        "Return the membership of the row if it is not there yet"
        Membership = Pool().get('party.membership')
        values = row.values
        start, end = values['start_date'], values['end_date']
        if not (start or end):
            return None
        type_ = self.types.get(normalize(values['type'] or ''))
        if not type_:
            self._error(
                row, 'type', 'type', type=show(values['type'] or ''),
                types=', '.join(
                    near(values['type'] or '',
                        [t.name for t in self.types.values()])
                    or [t.name for t in self.types.values()]))
            return None
        if not start:
            start = end + relativedelta(years=-1, days=1)
        if not end:
            start, end = type_.compute_period(start)
        for known in self.known.get(party, []):
            if known.start_date <= end and known.end_date >= start:
                return None
        return Membership(
            company=type_.company, type=type_, start_date=start,
            end_date=end, admitted_on=start if type_.admission else None,
            gratis=True, gratis_reason=gettext(
                'proxymikro_membership.msg_import_members_reason',
                file=self.file_name))

    @without_check_access
    def apply(self):
        pool = Pool()
        Membership = pool.get('party.membership')
        Party = pool.get('party.party')
        Party.save(self.parties)
        for membership in self.memberships:
            membership.party = membership.place = membership.party.id
        Membership.save(self.memberships)
        Membership.call(self.memberships)

    def get_result(self):
        return {
            **self.results, 'memberships': len(self.memberships),
            'errors': sorted(
                self.errors, key=lambda e: (e['line'], e['column'])),
            }
