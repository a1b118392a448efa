# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.exceptions import UserError, UserWarning
from trytond.model.exceptions import AccessError, ValidationError
from trytond.modules.account_statement.exceptions import ImportStatementError


class VATRegimeError(ValidationError):
    pass


class VATRegimeModifyError(AccessError):
    pass


class StatementDuplicateError(ImportStatementError):
    pass


class AnnualStatementLayoutError(UserError):
    pass


class AnnualStatementBalanceError(UserError):
    pass


class StatementFileError(ImportStatementError):
    pass


class StatementCurrencyError(ImportStatementError):
    pass


class StatementBalanceError(ImportStatementError):
    pass


class StatementPeriodError(ImportStatementError):
    pass


class StatementOverlapWarning(UserWarning):
    pass


class StatementMappingError(ValidationError):
    pass


class AccountBookSizeError(UserError):
    pass


class StatementMatchError(ValidationError):
    pass


class GiftError(AccessError):
    pass


class TaxReceiptError(AccessError):
    pass


class CutOffError(ValidationError):
    pass


class CutOffModifyError(AccessError):
    pass


class ClosingError(UserError):
    pass


class ClosingWarning(UserWarning):
    pass


class ThresholdAccountsError(ValidationError):
    pass


class ContributionError(AccessError):
    pass


class GrantError(AccessError):
    pass


class ChequeDepositError(AccessError):
    pass


class TransferError(UserError):
    pass


class OpeningError(UserError):
    pass


class CashCountError(AccessError):
    pass


class CashCountWarning(UserWarning):
    pass


class ExpenseClaimError(AccessError):
    pass


class HelloAssoError(UserError):
    pass


class AgreementError(AccessError):
    pass
