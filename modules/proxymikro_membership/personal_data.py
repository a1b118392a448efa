# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""All that is known of a person, in a file: regulation (EU) 2016/679, art. 15
and 20."""
import json

from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.report import FrenchReportMixin
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table)
from trytond.pool import Pool
from trytond.report import Report
from trytond.tools import slugify
from trytond.transaction import inactive_records, without_check_access
from trytond.wizard import Button, StateReport, StateView, Wizard

# What says nothing of the person
TECHNICAL = {
    'id', 'rec_name', 'create_uid', 'create_date', 'write_uid', 'write_date',
    'sequence'}
LISTS = {'one2many', 'many2many', 'binary', 'dict', 'multiselection'}


class PersonalDataStart(ModelView):
    __name__ = 'party.personal_data.start'

    format = fields.Selection([
            ('ods', "Spreadsheet (ODS)"),
            ('json', "File for a Computer (JSON)"),
            ], "Format", required=True, sort=False)

    @classmethod
    def default_format(cls):
        return 'ods'


class ExportPersonalData(Wizard):
    __name__ = 'party.personal_data.export'

    start = StateView('party.personal_data.start',
        'proxymikro_membership.personal_data_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Export", 'export', 'tryton-export', default=True),
            ])
    export = StateReport('party.personal_data')

    def do_export(self, action):
        return action, {
            'ids': [r.id for r in self.records],
            'format': self.start.format,
            }


class PersonalData(FrenchReportMixin, SpreadsheetReportMixin, Report):
    __name__ = 'party.personal_data'

    @classmethod
    def get_sources(cls, party):
        """Return the models and the domains of what concerns the party.

        They are those that the replacement and the erasure of a party know.
        """
        pool = Pool()
        Party = pool.get('party.party')
        Replace = pool.get('party.replace', type='wizard')
        domains = {'party.party': ['OR', ('id', '=', party.id)]}
        for name, field in Replace.fields_to_replace():
            if name != 'company.company':
                domains.setdefault(name, ['OR']).append(
                    (field, '=', party.id))
        with Party._eraser() as erase:
            for Model, domain, *_ in erase.to_erase(party.id):
                domains.setdefault(Model.__name__, ['OR']).append(domain)
            attached = {
                r.__name__: erase.search_resources(r, party)
                for r in erase.get_resources()}
            attached['ir.email'] = erase.get_emails(party)
        for name, records in attached.items():
            domains[name] = [('id', 'in', list(map(int, records)))]
        return domains

    @classmethod
    @without_check_access
    def get_tables(cls, records, data):
        tables = []
        for party in records:
            with inactive_records():
                for name, domain in cls.get_sources(party).items():
                    found = Pool().get(name).search(domain)
                    if found:
                        tables.append(cls.get_table(found, len(tables) + 1))
        return tables

    @classmethod
    def get_table(cls, records, rank):
        "Return the stored fields of the records, by their labels"
        Model = Pool().get('ir.model')
        Class = type(records[0])
        names = [
            name for name, field in Class._fields.items()
            if name not in TECHNICAL and field._type not in LISTS
            and not isinstance(field, (fields.Function, fields.MultiValue))]
        definitions = Class.fields_get(names)
        title = slugify(Model.get_name(Class.__name__), '-')
        return Table(
            f'{rank:02} {title}'[:31],
            [definitions[n]['string'] for n in names],
            [[cls.get_value(r, definitions[n]) for n in names]
                for r in records])

    @classmethod
    def get_value(cls, record, definition):
        value = getattr(record, definition['name'])
        if value is None:
            return None
        if definition['type'] in {'many2one', 'reference', 'one2one'}:
            return getattr(value, 'rec_name', str(value))
        if definition['type'] == 'boolean':
            return "oui" if value else "non"
        if definition['type'] == 'selection':
            choices = definition['selection']
            if isinstance(choices, str):
                choices = getattr(type(record), choices)()
            return dict(choices).get(value, value)
        return value

    @classmethod
    def _execute(cls, records, header, data, action):
        if data['format'] != 'json':
            return super()._execute(records, header, data, action)
        content = {
            table.title: [dict(zip(table.header, row)) for row in table.rows]
            for table in cls.get_tables(records, data)}
        return 'json', json.dumps(
            content, default=str, ensure_ascii=False, indent=2)
