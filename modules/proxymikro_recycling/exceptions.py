# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError, ValidationError


class DismantleError(UserError):
    "A device can't be dismantled, or not with the others"


class MassBalanceError(UserError):
    "What comes out of a dismantling does not weigh what went in"


class ResaleError(UserError):
    "A part may not be sold, because of what its device was given under"


class SaleLotError(UserError):
    "A sale line does not match the lots it sells"


class ShipError(UserError):
    "A shipment can't leave at once"


class InvoiceMoveError(ValidationError):
    "A part is invoiced without having left the stock"


class WasteError(UserError):
    "A waste shipment can't go on"


class WasteCodeError(ValidationError):
    "A waste code is not valid at the date of the shipment"


class WaiverAccessError(AccessError):
    "A resale waiver would be written by hand"
