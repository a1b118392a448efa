# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the registers of waste have in common: sealed lines, never edited.

What changes afterwards is another line of the same document, under the same
identifier (articles R541-43 and R541-45 of the environment code, decree of
31 May 2021).
"""
import datetime as dt

from dateutil.relativedelta import relativedelta

from trytond.model import Unique, fields
from trytond.modules.proxymikro_base.seal import SealMixin
from trytond.modules.proxymikro_stock.evidence import SealedMixin
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .waste_treatment import MODES, OPERATIONS


class RegisterLineMixin(SealMixin, SealedMixin):
    __slots__ = ()
    _rec_name = 'number'
    # The field of what the line is about
    _document = None
    # What makes another line when it changes
    _declared_fields = []

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    number = fields.Char(
        "Unique Identifier", required=True, readonly=True,
        help="The number of the document: "
        "all the lines of a document have the same.")
    version = fields.Integer(
        "Line", required=True, readonly=True,
        help="1 for the first line of the document, then its corrections.")
    reason = fields.Selection([
            ('new', "New"),
            ('modify', "Modify"),
            ('cancel', "Cancel"),
            ], "Why", required=True, readonly=True, sort=False,
        help="What the line does to those before of the same document.")
    reason_string = reason.translated('reason')
    note = fields.Char(
        "Note", readonly=True, help="Why the line was corrected.")
    code = fields.Char("Waste Code", required=True, readonly=True)
    description = fields.Char("Usual Name", readonly=True)
    hazardous = fields.Boolean("Hazardous", readonly=True)
    weight = fields.Float(
        "Weight", digits=(None, 3), readonly=True,
        help="The weight in kg that is declared.")
    weight_estimated = fields.Boolean("Estimated Weight", readonly=True)
    operation = fields.Selection(
        OPERATIONS, "Treatment", readonly=True, sort=False)
    operation_mode = fields.Selection(
        MODES, "Kind of Treatment", readonly=True, sort=False)
    slip_number = fields.Char("Slip Number", readonly=True)
    written_at = fields.DateTime("Written At", required=True, readonly=True)
    written_by = fields.Many2One(
        'res.user', "Written By", readonly=True, ondelete='RESTRICT')
    current = fields.Function(
        fields.Boolean(
            "In Force",
            help="Whether no other line of the document replaces it."),
        'get_current')
    kept_until = fields.Function(
        fields.Date(
            "To Keep Until",
            help="The first day on which the law no longer asks for it."),
        'get_kept_until')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('version_unique', Unique(
                    t, getattr(t, cls._document), t.version),
                'proxymikro_recycling.msg_waste_register_version'),
            ('number_unique', Unique(t, t.company, t.number, t.version),
                'proxymikro_recycling.msg_waste_register_version'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def seal_domain(cls):
        return []

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if mode == 'write' and external:
            cls._check_unsealed(lines, 'modify')

    @classmethod
    def copy(cls, lines, default=None):
        return []

    @property
    def document(self):
        return getattr(self, self._document)

    @classmethod
    def get_current(cls, lines, name):
        last = cls.get_last({l.document for l in lines})
        return {
            l.id: l == last[l.document] and l.reason != 'cancel'
            for l in lines}

    @classmethod
    def get_kept_until(cls, lines, name):
        pool = Pool()
        limit = pool.get('waste.limit').get_limit(
            'retention', pool.get('ir.date').today())
        return {
            l.id: l.date + relativedelta(years=int(limit.amount))
            if limit else None
            for l in lines}

    @classmethod
    def get_last(cls, documents):
        "Return the last line of each document"
        last = {}
        for sub_ids in grouped_slice(list(map(int, documents)), 500):
            for line in cls.search(
                    [(cls._document, 'in', list(sub_ids))],
                    order=[('version', 'ASC')]):
                last[line.document] = line
        return last

    @classmethod
    @without_check_access
    def declare(cls, documents, reason='modify', note=None):
        """Write a line for each document that declares something else.

        A document that is new has its first line, whatever the reason.
        """
        last = cls.get_last(documents)
        lines = []
        for document in documents:
            before = last.get(document)
            line = cls._get_line(document)
            line.number = before.number if before else document.number
            line.version = before.version + 1 if before else 1
            line.reason = reason if before else 'new'
            line.note = note
            if not before or not cls._is_told(before, line):
                lines.append(line)
        cls.save(lines)
        return lines

    @classmethod
    def _is_told(cls, before, line):
        "Return whether the line before says the same already"
        if 'cancel' in {before.reason, line.reason}:
            return before.reason == line.reason
        return all(
            getattr(before, n) == getattr(line, n)
            for n in cls._declared_fields)

    @classmethod
    def _get_line(cls, document):
        "Return the line, not saved, of what the document says today"
        return cls(
            company=document.company,
            operation=document.operation,
            operation_mode=document.operation_mode,
            slip_number=document.slip_number,
            written_at=dt.datetime.now().replace(microsecond=0),
            written_by=Transaction().user,
            **{cls._document: document})

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('reason') == 'cancel', 'danger',
                    If(~Eval('current', True), 'muted', ''))),
            ]
