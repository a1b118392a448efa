# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The registers of waste between two days, to print for who inspects them."""
import datetime as dt

from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.report import FrenchReportMixin
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table)
from trytond.pool import Pool
from trytond.report import Report
from trytond.transaction import Transaction
from trytond.wizard import Button, StateReport, StateView, Wizard

from .waste_register_check import MODES

OUTGOING = [
    "Identifiant", "Ligne", "Motif", "Expédié le", "Dénomination", "Code",
    "Dangereux", "Poids (kg)", "Estimé", "Destinataire", "SIRET",
    "Adresse", "Transporteurs", "Bordereau", "Traitement", "Note",
    "Inscrit le", "Exporté le"]
INCOMING = [
    "Collecte", "Ligne", "Motif", "Reçu le", "Dénomination", "Code",
    "Dangereux", "POP", "Poids (kg)", "Estimé", "Producteur", "SIRET",
    "Adresse", "Transporteur", "SIRET du transporteur", "Récépissé",
    "Bordereau", "Traitement", "Note", "Inscrit le"]


class WasteListStart(ModelView):
    __name__ = 'waste.register.list.start'

    company = fields.Many2One('company.company', "Company", required=True)
    direction = fields.Selection([
            ('outgoing', "Outgoing Waste"),
            ('incoming', "Incoming Waste"),
            ], "Register", required=True, sort=False)
    start_date = fields.Date("From", required=True)
    end_date = fields.Date("To", required=True)
    format = fields.Selection([
            ('pdf', "PDF"),
            ('ods', "Spreadsheet (ODS)"),
            ('csv', "CSV"),
            ], "Format", required=True, sort=False)

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_direction(cls):
        return 'outgoing'

    @classmethod
    def default_start_date(cls):
        return dt.date(Pool().get('ir.date').today().year, 1, 1)

    @classmethod
    def default_end_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_format(cls):
        return 'pdf'


class PrintWasteList(Wizard):
    __name__ = 'waste.register.list.print'

    start = StateView('waste.register.list.start',
        'proxymikro_recycling.waste_register_list_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('waste.register.list')

    def do_print_(self, action):
        return action, {
            'model': 'company.company',
            'ids': [self.start.company.id],
            'id': self.start.company.id,
            'direction': self.start.direction,
            'start_date': self.start.start_date,
            'end_date': self.start.end_date,
            'format': self.start.format,
            }


class WasteList(FrenchReportMixin, SpreadsheetReportMixin, Report):
    __name__ = 'waste.register.list'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['direction'] = data['direction']
        context['start_date'] = data['start_date']
        context['end_date'] = data['end_date']
        context['get_table'] = lambda company: cls.get_table(company, data)
        return context

    @classmethod
    def get_tables(cls, records, data):
        return [cls.get_table(company, data) for company in records]

    @classmethod
    def get_table(cls, company, data):
        dates = data['start_date'], data['end_date']
        if data['direction'] == 'incoming':
            lines = cls.get_lines('waste.register.incoming', company, *dates)
            return Table("Déchets entrants", INCOMING, [
                    cls.get_incoming_row(l) for l in lines])
        lines = cls.get_lines('waste.register', company, *dates)
        return Table("Déchets sortants", OUTGOING, [
                cls.get_outgoing_row(l) for l in lines])

    @classmethod
    def get_lines(cls, model, company, start, end):
        return Pool().get(model).search([
                ('company', '=', company.id),
                ('date', '>=', start),
                ('date', '<=', end),
                ], order=[
                ('date', 'ASC'), ('number', 'ASC'), ('version', 'ASC')])

    @classmethod
    def get_outgoing_row(cls, line):
        values = line.values

        def join(prefix, *names):
            return ' '.join(filter(None, (
                        values.get(f'{prefix}{n}') for n in names)))
        carriers = [
            join(f'transporter{i}', 'CompanyName', 'RecepisseNumber')
            for i in range(1, 6)]
        return [
            line.number, line.version, line.reason_string, line.date,
            line.description, line.code, cls.yes_no(line.hazardous),
            line.weight, cls.yes_no(line.weight_estimated), line.facility,
            values.get('destinationCompanyOrgId'),
            join('destinationCompany', 'Address', 'PostalCode', 'City'),
            ', '.join(filter(None, carriers)),
            line.slip_number or line.slip_exemption,
            join('operation', 'Code', 'Mode'), line.note,
            line.written_at.date(),
            line.export.date.date() if line.export else None]

    @classmethod
    def get_incoming_row(cls, line):
        return [
            line.number, line.version, line.reason_string, line.date,
            line.description, line.code, cls.yes_no(line.hazardous),
            cls.yes_no(line.pop), line.weight,
            cls.yes_no(line.weight_estimated), line.producer.name,
            line.producer_identifier, line.producer_address,
            line.carrier.name if line.carrier else None,
            line.carrier_identifier, line.receipt_number, line.slip_number,
            ' '.join(filter(None, [
                        line.operation, MODES.get(line.operation_mode)])),
            line.note, line.written_at.date()]

    @classmethod
    def yes_no(cls, value):
        return "Oui" if value else "Non"
