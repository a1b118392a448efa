# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta


class SetupStep(metaclass=PoolMeta):
    __name__ = 'setup.step'

    @classmethod
    def check_membership_type(cls, company):
        Type = Pool().get('party.membership.type')
        if not Type.search([('company', '=', company)], limit=1):
            return gettext('proxymikro_membership.msg_setup_membership_type')

    @classmethod
    def check_statutes(cls, company):
        "Return nothing: statutes may have neither college nor quorum"
