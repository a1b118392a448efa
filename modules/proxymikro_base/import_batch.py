# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
import re

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access

from .exceptions import ImportSourceError
from .importer import MAX_ROWS, MAX_TEXT, ValueProblem, parse_text

_SHA256 = re.compile(r'[0-9a-f]{64}')


class ImportableMixin:
    """A record that may come from a file.

    The source and the key in the source are unique together, so that the same
    row read twice, even at once, is the same record.
    """
    __slots__ = ()

    import_source = fields.Char("Import Source", readonly=True)
    import_key = fields.Char("Import Key", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('import_key_unique', Unique(t, t.import_source, t.import_key),
                'proxymikro_base.msg_import_key_unique'),
            ]

    @classmethod
    def check_modification(
            cls, mode, records, values=None, external=False):
        super().check_modification(
            mode, records, values=values, external=external)
        if (mode == 'write' and external
                and values.keys() & {'import_source', 'import_key'}):
            raise AccessError(gettext(
                    'proxymikro_base.msg_import_key_readonly',
                    record=records[0].rec_name))

    @classmethod
    def copy(cls, records, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('import_source', None)
        default.setdefault('import_key', None)
        return super().copy(records, default=default)


class RowPlan:
    """What the rows of a file would do, and all that prevents it.

    The module of the rows gives their labels, reads one and finds those that
    are there twice.  The errors are as the server sends them.
    """
    row_module = None

    def _parse(self, rows):
        "Return the rows that can be read, and keep why others can't"
        parsed, problems = [], []
        for row in rows:
            value, row_problems = self._parse_row(row)
            problems.extend(row_problems)
            if value:
                parsed.append(value)
        problems.extend(self.row_module.find_duplicates(parsed))
        Batch = Pool().get('import.batch')
        self.errors.extend(map(Batch.get_error, problems))
        refused = {p.line for p in problems}
        return [r for r in parsed if r.line not in refused]

    def _parse_row(self, row):
        return self.row_module.parse_row(row['line'], row['texts'])

    def _error(self, row, column, message, /, **values):
        self.errors.append({
                'line': row.line, 'column': self.row_module.LABELS[column],
                'message': gettext(message, **values),
                })


class ImportBatch(ModelSQL, ModelView):
    __name__ = 'import.batch'
    _rec_name = 'file_name'

    kind = fields.Selection(
        'get_kinds', "Kind", required=True, readonly=True,
        help="What the file brings.")
    target = fields.Reference(
        "Target", selection='get_targets', required=True, readonly=True,
        help="The document that receives the rows of the file.")
    file_name = fields.Char("File Name", required=True, readonly=True)
    sha256 = fields.Char(
        "SHA-256", required=True, readonly=True,
        help="The fingerprint of the file: the same file has the same one.")
    encoding = fields.Char(
        "Encoding", required=True, readonly=True,
        help="How the accents of the file were read.")
    user = fields.Many2One(
        'res.user', "User", required=True, readonly=True,
        help="Who ran the import first.")
    date = fields.DateTime("Date", required=True, readonly=True)
    rows = fields.Integer(
        "Rows", required=True, readonly=True,
        help="The number of rows of the file.")
    handled = fields.Integer(
        "Handled", required=True, readonly=True,
        help="The number of rows imported until now. If it is less than the "
        "number of rows, the import was interrupted: run it again.")
    created = fields.Integer(
        "Created", required=True, readonly=True,
        help="The number of rows that made a record.")
    updated = fields.Integer(
        "Updated", required=True, readonly=True,
        help="The number of times that a row changed a record.")
    unchanged = fields.Function(fields.Integer(
            "Unchanged",
            help="The number of rows that said nothing new."),
        'on_change_with_unchanged')
    refused = fields.Integer(
        "Refused", required=True, readonly=True,
        help="The number of rows with errors, of which nothing was written.")
    report = fields.Text(
        "Report", readonly=True,
        states={
            'invisible': ~Eval('report'),
            },
        help="The errors, by line and column.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('file_unique', Unique(t, t.kind, t.target, t.sha256),
                'proxymikro_base.msg_import_batch_unique'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def get_kinds(cls):
        "Hook: the modules add what they import"
        return []

    @classmethod
    def get_targets(cls):
        "Hook: the modules add the documents which receive imports"
        return []

    @fields.depends('handled', 'created', 'updated')
    def on_change_with_unchanged(self, name=None):
        return max(0, (self.handled or 0)
            - (self.created or 0) - (self.updated or 0))

    @classmethod
    def check_source(cls, source):
        """Return the clean description of the file which a client sends.

        It is a dictionary of file_name, sha256, encoding and rows.
        """
        try:
            name = parse_text(source['file_name'])
            sha256, encoding = source['sha256'], source['encoding']
            rows = source['rows']
            valid = (name and _SHA256.fullmatch(sha256)
                and encoding in {'utf-8', 'cp1252'}
                and type(rows) is int and 0 < rows <= MAX_ROWS)
        except (TypeError, KeyError, ValueProblem):
            valid = False
        if not valid:
            raise ImportSourceError(
                gettext('proxymikro_base.msg_import_source'))
        # Never a path: a name from outside could lead anywhere
        name = re.split(r'[/\\]', name)[-1][:MAX_TEXT] or 'import.csv'
        return {
            'file_name': name, 'sha256': sha256, 'encoding': encoding,
            'rows': rows}

    @classmethod
    @without_check_access
    def record(
            cls, kind, target, source, handled,
            created=0, updated=0, errors=()):
        """Add up what a call of the server did with the rows of a file.

        A call which changed nothing writes nothing.
        """
        batches = cls.search([
                ('kind', '=', kind),
                ('target', '=', str(target)),
                ('sha256', '=', source['sha256']),
                ], limit=1)
        batch = batches[0] if batches else cls(
            kind=kind, target=str(target),
            user=Transaction().user, handled=0, created=0, updated=0,
            refused=0, date=cls._now(), **source)
        values = {
            'handled': max(batch.handled, handled),
            'created': batch.created + created,
            'updated': batch.updated + updated,
            'refused': len({e['line'] for e in errors}),
            'report': '\n'.join(cls.format_error(e) for e in errors) or None,
            }
        changes = {
            n: v for n, v in values.items()
            if getattr(batch, n, None) != v}
        if changes or not batches:
            for name, value in values.items():
                setattr(batch, name, value)
            batch.save()
        return batch

    @classmethod
    def _now(cls):
        return dt.datetime.now(dt.timezone.utc).replace(
            microsecond=0, tzinfo=None)

    @classmethod
    def format_error(cls, error):
        return gettext(
            'proxymikro_base.msg_import_error'
            if error['column'] else 'proxymikro_base.msg_import_error_line',
            **error)

    @classmethod
    def get_error(cls, problem):
        "Return the problem as the server sends it, in the user's language"
        return {
            'line': problem.line, 'column': problem.column,
            'message': gettext(
                f'proxymikro_base.msg_import_{problem.code}',
                **problem.values),
            }
