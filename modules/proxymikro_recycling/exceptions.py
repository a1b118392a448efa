# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.exceptions import UserError, UserWarning
from trytond.model.exceptions import AccessError, ValidationError


class DismantleError(UserError):
    "A device can't be dismantled, or not with the others"


class DiscardError(UserError):
    "A device is waste that must not be, or must be and is not"


class MassBalanceError(UserError):
    "What comes out of a dismantling does not weigh what went in"


class ResaleError(UserError):
    "A part may not be sold, because of what its device was given under"


class WaiverError(UserError):
    "A resale can't be allowed so"


class SaleLotError(UserError):
    "A sale line does not match the lots it sells"


class PriceListOverlapError(ValidationError):
    "Two price lists of a buyer would be in force on a same day"


class PartImportError(UserError):
    pass


class PriceImportError(UserError):
    "A file of prices can't be read, or is of nobody known"


class ShipError(UserError):
    "A shipment can't leave at once"


class InvoiceMoveError(ValidationError):
    "A part is invoiced without having left the stock"


class SettlementError(UserError):
    "A settlement can't go on"


class SettlementImportError(UserError):
    "The rows of settlements can't be read at all"


class MetalPaymentError(UserError):
    "Metals would be paid in cash"


class SaleWasteError(ValidationError):
    "What is waste would go to a buyer without a waste shipment"


class HazardousSaleWarning(UserWarning):
    "What is hazardous waste unless it is used again is sold"


class WasteError(UserError):
    "A waste shipment can't go on"


class WasteCodeError(ValidationError):
    "A waste code is not valid at the date of the shipment"


class WasteCodeWarning(UserWarning):
    "The number of a waste code is not sure"


class WasteContentWarning(UserWarning):
    "What a waste shipment holds usually leaves under another code"


class WasteLoadWarning(UserWarning):
    "A load is above what may be carried without a declaration"


class WasteCarrierError(UserError):
    "A carrier may not carry the waste, or is one too many"


class WasteRegisterError(UserError):
    "The register can't be exported"


class WasteAccessError(AccessError):
    "What a waste shipment declared would be changed by hand"


class WasteDateError(UserError):
    "Waste would leave in the future, or too long ago to be declared"


class WasteModeError(ValidationError):
    "A kind of treatment does not fit the operation"


class WasteSlipError(ValidationError):
    "The number of a tracking slip is not one of Trackdéchets"


class WasteSIRETError(ValidationError):
    "An eco-organisation has a wrong number"


class WasteDefaultError(ValidationError):
    "A usual treatment of waste is for nothing, or for two things"


class WaiverAccessError(AccessError):
    "A resale waiver would be written by hand"


class ResaleAccountsError(ValidationError):
    "The accounts of resale are not said by the beginning of numbers"


class DonorStatementError(UserError):
    "No statement of a donor is to be sent"
class IncomeSheetSizeError(UserError):
    "A reconciliation sheet would have too many pages"
