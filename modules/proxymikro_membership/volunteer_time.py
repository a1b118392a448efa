# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The hours that no work order and no request for support holds."""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.minutes import MinutesMixin
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import without_check_access

from .exceptions import VolunteerTimeError

KINDS = [
    ('reception', "Reception"),
    ('collection', "Collection and Transport"),
    ('workshop', "Workshop"),
    ('support', "Support"),
    ('training', "Training"),
    ('administration', "Administration and Accounting"),
    ('governance', "Board and Meetings"),
    ('communication', "Communication and Networks"),
    ('other', "Other"),
    ]


class VolunteerTime(MinutesMixin, ModelSQL, ModelView):
    __name__ = 'volunteer.time'

    kind = fields.Selection(KINDS, "Kind of Work", required=True, sort=False)
    kind_string = kind.translated('kind')
    description = fields.Char("Description")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_kind(cls):
        return 'reception'

    def get_rec_name(self, name):
        return ' · '.join(filter(None, [
                    self.employee.rec_name, self.kind_string,
                    self.description]))

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('employee.rec_name', *clause[1:]),
            ('description', *clause[1:]),
            ]

    @classmethod
    def check_modification(cls, mode, times, values=None, external=False):
        super().check_modification(
            mode, times, values=values, external=external)
        if mode == 'delete' or (
                mode == 'write'
                and values.keys() & {'employee', 'date', 'minutes'}):
            cls.check_contribution(times)

    @classmethod
    @without_check_access
    def check_contribution(cls, times):
        "Refuse to change what is in the books already"
        Contribution = Pool().get('account.contribution')
        for sub_times in grouped_slice(list(times), 500):
            contributions = Contribution.search([
                    ('origin', 'in', list(map(str, sub_times))),
                    ('state', '!=', 'cancelled'),
                    ], limit=1)
            if contributions:
                contribution, = contributions
                raise VolunteerTimeError(gettext(
                        'proxymikro_membership.msg_volunteer_time_contribution',
                        time=contribution.origin.rec_name,
                        contribution=contribution.rec_name))
