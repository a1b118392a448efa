# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import lazy_gettext
from trytond.model import fields
from trytond.pyson import Eval, If


class ValidityMixin:
    """A legal fact that has a life: a regime, a code, a rate, a threshold.

    Laws change: such facts are records with dates and a source, never
    constants, and say how sure we are of them.
    """
    __slots__ = ()

    start_date = fields.Date(
        lazy_gettext('proxymikro_base.msg_validity_start_date'),
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date')),
                ()),
            ],
        help=lazy_gettext('proxymikro_base.msg_validity_start_date_help'))
    end_date = fields.Date(
        lazy_gettext('proxymikro_base.msg_validity_end_date'),
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date')),
                ()),
            ],
        help=lazy_gettext('proxymikro_base.msg_validity_end_date_help'))
    source = fields.Char(
        lazy_gettext('proxymikro_base.msg_validity_source'),
        help=lazy_gettext('proxymikro_base.msg_validity_source_help'))
    certainty = fields.Selection([
            (None, ""),
            ('high', lazy_gettext('proxymikro_base.msg_certainty_high')),
            ('medium', lazy_gettext('proxymikro_base.msg_certainty_medium')),
            ('low', lazy_gettext('proxymikro_base.msg_certainty_low')),
            ], lazy_gettext('proxymikro_base.msg_validity_certainty'),
        sort=False,
        help=lazy_gettext('proxymikro_base.msg_validity_certainty_help'))

    @classmethod
    def valid_domain(cls, date):
        "Return the domain of the records in force on the date"
        return [
            ['OR', ('start_date', '=', None), ('start_date', '<=', date)],
            ['OR', ('end_date', '=', None), ('end_date', '>=', date)],
            ]

    def is_valid(self, date):
        return ((not self.start_date or self.start_date <= date)
            and (not self.end_date or date <= self.end_date))
