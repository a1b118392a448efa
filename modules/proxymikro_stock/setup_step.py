# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from urllib.parse import urlsplit

from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta

LOCAL = {'localhost', '127.0.0.1'}


class SetupStep(metaclass=PoolMeta):
    __name__ = 'setup.step'

    @classmethod
    def check_location(cls, company):
        "Return the stages without a place, which stop the documents"
        Location = Pool().get('stock.location')
        stages = Location.fields_get(['stage'])['stage']['selection']
        return cls.missing([
                name for stage, name in stages
                if stage and not Location.search(
                    [('stage', '=', stage)], limit=1)])

    @classmethod
    def check_number(cls, company):
        "Return nothing: what is right depends on the tags stuck before"

    @classmethod
    def check_public_url(cls, company):
        Configuration = Pool().get('stock.configuration')
        if urlsplit(Configuration(1).public_base).hostname in LOCAL:
            return gettext('proxymikro_stock.msg_setup_public_url')
