# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The screen that gives the file of the register."""
import tempfile
import zipfile

from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .waste_register_file import get_name, split, write


class ExportRegister(Wizard):
    __name__ = 'waste.register.export.make'

    start = StateView('waste.register.export.start',
        'proxymikro_recycling.waste_register_export_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Export", 'make', 'tryton-ok', default=True),
            ])
    make = StateTransition()
    result = StateView('waste.register.export.result',
        'proxymikro_recycling.waste_register_export_result_view_form', [
            Button("Close", 'end', 'tryton-close', default=True),
            ])

    def default_start(self, names):
        Export = Pool().get('waste.register.export')
        return {
            'pending': Export.get_count(),
            'problems': '\n'.join(Export.find_problems()) or None,
            }

    def transition_make(self):
        Export = Pool().get('waste.register.export')
        if self.start.again:
            export = self.start.again.id
        else:
            export = Export.prepare()['id']
        rows = self.read(export)
        with tempfile.TemporaryFile() as file:
            if most := self.start.most:
                self.write_archive(file, export, split(rows, most))
                name = get_name(export).replace('.csv', '.zip')
            else:
                write(file, rows)
                name = get_name(export)
            file.seek(0)
            self.result.file = self.result.__class__.file.cast(file.read())
        self.result.filename = name
        return 'result'

    @classmethod
    def read(cls, export):
        "Yield the rows of the export, a slice at a time"
        Export = Pool().get('waste.register.export')
        after = 0
        while after is not None:
            result = Export.read_rows(export, after)
            yield from result['rows']
            after = result['after']

    @classmethod
    def write_archive(cls, file, export, parts):
        with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
            for rank, rows in enumerate(parts, 1):
                with archive.open(get_name(export, rank), 'w') as entry:
                    write(entry, rows)

    def default_result(self, names):
        file, self.result.file = self.result.file, None  # no need to store
        return {'file': file, 'filename': self.result.filename}


class ExportRegisterStart(ModelView):
    __name__ = 'waste.register.export.start'

    pending = fields.Integer(
        "Lines to Export", readonly=True,
        states={'invisible': Bool(Eval('again'))},
        help="What the State has not received yet.")
    problems = fields.Text(
        "To Fill First", readonly=True,
        states={
            'invisible': ~Bool(Eval('problems')) | Bool(Eval('again')),
            },
        help="What the State would refuse. Nothing is exported before.")
    again = fields.Many2One(
        'waste.register.export', "An Earlier Export",
        help="To get its file again, as it was. "
        "Leave empty for what was not exported yet.")
    most = fields.Integer(
        "Lines by File",
        domain=['OR',
            ('most', '=', None),
            [('most', '>=', 1), ('most', '<=', 1000)],
            ],
        help="To cut the file in several, in an archive. "
        "Leave empty for a single file.")


class ExportRegisterResult(ModelView):
    __name__ = 'waste.register.export.result'

    file = fields.Binary("File", readonly=True, filename='filename')
    filename = fields.Char("File Name", readonly=True)
