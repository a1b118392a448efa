# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What leaves for a spreadsheet: who may take it, and that it is no formula."""
from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

from .exceptions import PartyExportError

# Who may leave with the list of all persons
EXPORTERS = [
    ('proxymikro_base', 'group_treasury'),
    ('proxymikro_base', 'group_presidency'),
    ('res', 'group_admin'),
    ]
FORMULA = ('=', '+', '-', '@', '\t', '\r')


def protect(text):
    return f"'{text}" if text.startswith(FORMULA) else text


def unprotect(text):
    "Return the text as it was before it was protected"
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def _map_texts(function, rows):
    return [
        [function(value) if isinstance(value, str) else value for value in row]
        for row in rows]


class ExportMixin:
    """What the clients and the links to CSV files export, and import again.

    A name typed on the public page may start as a formula does, and the
    spreadsheet of who opens the file would run it.
    """
    __slots__ = ()

    @classmethod
    def export_data(cls, records, fields_names, header=False):
        return _map_texts(
            protect, super().export_data(records, fields_names, header=header))

    @classmethod
    def import_data(cls, fields_names, data):
        return super().import_data(fields_names, _map_texts(unprotect, data))


class PartyExportMixin:
    "Those who need one person's address do not leave with everybody's"
    __slots__ = ()

    @classmethod
    def export_data(cls, records, fields_names, header=False):
        if Transaction().check_access:
            cls._check_exporter()
        return super().export_data(records, fields_names, header=header)

    @classmethod
    def _check_exporter(cls):
        pool = Pool()
        get_id = pool.get('ir.model.data').get_id
        groups = pool.get('res.user').get_groups()
        if not {get_id(*name) for name in EXPORTERS} & set(groups):
            raise PartyExportError(gettext('proxymikro_base.msg_party_export'))


class Party(PartyExportMixin, metaclass=PoolMeta):
    __name__ = 'party.party'


class Address(PartyExportMixin, metaclass=PoolMeta):
    __name__ = 'party.address'


class ContactMechanism(PartyExportMixin, metaclass=PoolMeta):
    __name__ = 'party.contact_mechanism'


class Identifier(PartyExportMixin, metaclass=PoolMeta):
    __name__ = 'party.identifier'
