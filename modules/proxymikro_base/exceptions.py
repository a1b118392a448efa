# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError


class PDFLibraryError(UserError):
    pass


class MailServerError(UserError):
    pass


class ImportSourceError(UserError):
    pass


class MinutesDateError(UserError):
    pass


class PartyExportError(AccessError):
    pass


class SetupError(UserError):
    pass
