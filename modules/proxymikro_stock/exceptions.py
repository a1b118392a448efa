# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.exceptions import UserError, UserWarning
from trytond.model.exceptions import AccessError


class PlaceError(UserError):
    "A unit is not where a move wants to take it from"


class LotQuantityError(UserError):
    "A lot would be moved in a quantity that its place does not hold"


class MoveDateError(UserError):
    "A move would be dated in the future or before the previous one"


class MoveCancelError(UserError):
    "A done move is not the last one of its unit"


class DataGateError(UserError):
    "A device that may still hold data would leave"


class ReadyGateError(UserError):
    "A device that has not passed its test would be made ready"


class CollectionError(UserError):
    "A collection can't take what it is given"


class CollectionDocumentError(UserError):
    "A document that the gift regime requires is missing"


class WeighingError(UserError):
    "What was weighed together does not fit what was weighed alone"


class DepositError(UserError):
    "What is not ours would be used, or what is ours kept apart"


class DeviceImportError(UserError):
    "Rows of devices do not come as the import sends them"


class GuardAccessError(AccessError):
    "What the guard keeps would be written by hand"


class EvidenceAccessError(AccessError):
    "What proves something would be changed or deleted"


class HardwareReportError(UserError):
    "A file can't be the hardware report of the device"


class SerialBogusError(UserError):
    "A placeholder would make one of every serial number"


class DeviceAliasError(UserError):
    "Two cards can't become one device as they are"


class ErasureError(UserError):
    "An erasure can't be signed or recorded"


class ErasureValidatorError(UserError):
    "An erasure needs the signature of a second person"


class ErasureLogError(UserError):
    "A file can't be the log of erasures of known drives"


class ErasureOverwriteWarning(UserWarning):
    "A drive would count as erased that overwriting doesn't reach whole"


class DeclarationError(UserError):
    "A declaration would say what the evidence denies"


class DeviceTestError(UserError):
    "A test can't be done as it is"


class DeviceWorkError(UserError):
    "A device can't be worked on as its work order says"


class LoanDateError(UserError):
    "A device would be lent twice for a same day, or at an impossible date"


class LoanPlaceError(UserError):
    "A device is not where a loan wants to take it from"


class LoanRightError(UserError):
    "A borrower has not the right to borrow"


class LoanMailError(UserError):
    "A borrower can't be written to"


class LoanRequestError(UserError):
    "A request can't become what is asked"


class LoanAccessError(AccessError):
    "What was agreed or done would be changed by hand"


class IssueLimitError(UserError):
    "More breakdowns would be reported than the public page takes"


class InventoryPlaceError(UserError):
    "An inventory says what only a loan may say"


class LoanImportError(UserError):
    "The rows of running loans are not what the server takes"
class SwapPlanError(UserError):
    "A swap plan can't be done as it is"
