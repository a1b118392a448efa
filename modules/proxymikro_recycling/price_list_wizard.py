# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import hashlib

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.importer import FileRefused, read_table
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import PriceImportError
from .price_row import COLUMNS


class ImportPriceList(Wizard):
    __name__ = 'recycling.price.list.import'

    start = StateView('recycling.price.list.import.start',
        'proxymikro_recycling.price_list_import_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Import", 'import_', 'tryton-ok', default=True),
            ])
    import_ = StateTransition()
    result = StateView('recycling.price.list.import.result',
        'proxymikro_recycling.price_list_import_result_view_form', [
            Button("Close", 'end', 'tryton-ok', default=True),
            ])

    def transition_import_(self):
        PriceList = Pool().get('recycling.price.list')
        data = bytes(self.start.file)
        try:
            table = read_table(data, COLUMNS)
        except FileRefused as refusal:
            self.result.set_errors(refusal.problems)
            return 'result'
        if table.problems:
            self.result.set_errors(table.problems)
            return 'result'
        if not table.rows:
            raise PriceImportError(
                gettext('proxymikro_base.msg_command_no_rows'))
        self.result.set_result(PriceList.import_prices(
                self.start.buyer.code, self.start.start_date,
                [{'line': r.line, 'texts': r.values} for r in table.rows], {
                    'file_name': self.start.file_name or 'import.csv',
                    'sha256': hashlib.sha256(data).hexdigest(),
                    'encoding': table.encoding,
                    'rows': len(table.rows),
                    }, len(table.rows)))
        return 'result'

    def default_result(self, fields):
        return self.result._default_values

    def end(self):
        return 'reload'


class ImportPriceListStart(ModelView):
    __name__ = 'recycling.price.list.import.start'

    buyer = fields.Many2One('party.party', "Buyer", required=True)
    start_date = fields.Date(
        "From", required=True,
        help="The day from which the prices are those of the buyer.")
    file = fields.Binary(
        "File", filename='file_name', required=True,
        help="A CSV file with the columns catégorie, prix and unité.")
    file_name = fields.Char("File Name")

    @classmethod
    def default_start_date(cls):
        return Pool().get('ir.date').today()


class ImportPriceListResult(ModelView):
    __name__ = 'recycling.price.list.import.result'

    created = fields.Integer("Created", readonly=True)
    updated = fields.Integer("Updated", readonly=True)
    unchanged = fields.Integer("Unchanged", readonly=True)
    errors = fields.Text(
        "Errors", readonly=True,
        states={
            'invisible': ~Eval('errors'),
            },
        help="By line and column of the file: nothing was imported.")

    def set_result(self, result):
        Batch = Pool().get('import.batch')
        for name in ['created', 'updated', 'unchanged']:
            setattr(self, name, result[name])
        self.errors = '\n'.join(
            map(Batch.format_error, result['errors'])) or None

    def set_errors(self, problems):
        Batch = Pool().get('import.batch')
        self.set_result({
                'created': 0, 'updated': 0, 'unchanged': 0,
                'errors': list(map(Batch.get_error, problems))})
