# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The accounts of resale, by how their numbers begin as thresholds do."""
import re

from trytond.i18n import gettext
from trytond.model import ModelSQL, fields
from trytond.modules.company.model import CompanyValueMixin
from trytond.pool import Pool, PoolMeta

from .exceptions import ResaleAccountsError
from .income_query import resale_accounts


class Account(metaclass=PoolMeta):
    __name__ = 'account.account'

    resale = fields.Function(
        fields.Boolean(
            "Resale",
            help="Checked if the configuration says that it receives income "
            "from resale."),
        'get_resale', searcher='search_resale')

    @classmethod
    def get_resale(cls, accounts, name):
        ids = {a.id for a in resale_accounts()}
        return {a.id: a.id in ids for a in accounts}

    @classmethod
    def search_resale(cls, name, clause):
        _, operator, value = clause
        found = (operator == '=') == bool(value)
        return [('id', 'in' if found else 'not in', [
                    a.id for a in resale_accounts()])]


class Configuration(metaclass=PoolMeta):
    __name__ = 'account.configuration'

    resale_accounts = fields.MultiValue(fields.Char(
            "Accounts of Resale", required=True,
            help="How the numbers of the accounts that receive income from "
            "resale begin, separated by spaces; after a minus sign, those "
            "which do not: 7073 703 -7039."))

    @classmethod
    def multivalue_model(cls, field):
        if field == 'resale_accounts':
            return Pool().get('account.configuration.resale')
        return super().multivalue_model(field)

    @classmethod
    def default_resale_accounts(cls, **pattern):
        return cls.multivalue_model(
            'resale_accounts').default_resale_accounts()


class ConfigurationResale(CompanyValueMixin, ModelSQL):
    __name__ = 'account.configuration.resale'

    resale_accounts = fields.Char("Accounts of Resale")

    @classmethod
    def default_resale_accounts(cls):
        return '7073 703'

    @classmethod
    def validate_fields(cls, values, names):
        super().validate_fields(values, names)
        for value in values:
            accounts = (value.resale_accounts or '').strip()
            if not re.fullmatch(
                    r'(-?\d+\s+)*\d+(\s+-?\d+)*', accounts):
                raise ResaleAccountsError(gettext(
                        'proxymikro_recycling.msg_resale_accounts',
                        accounts=accounts))
