# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError, ValidationError


class MembershipTypeError(ValidationError):
    "A part of a fee would give a receipt that the law refuses"


class MembershipOverlapError(ValidationError):
    "A party would be a member twice on a same day"


class MembershipCallError(UserError):
    "A membership can't be called as it is"


class MembershipEndError(UserError):
    "A membership would end on a day which is not its own"


class MembershipLapseError(UserError):
    "The loans of who is a member would be recalled as if it were not"


class MembershipAccessError(AccessError):
    "What was called would be changed or deleted"


class BorrowingRightError(UserError):
    "A party may not borrow, or not that much"


class CampaignError(UserError):
    "A campaign has nothing to do, or what it did would be undone"


class CampaignDebitError(CampaignError):
    "A fee would be debited without right, or sooner than it is told"


class MembershipDebitError(UserError):
    "What the bank is asked to debit would no longer be owed"


class MembershipMailError(UserError):
    "No message can leave, or not to this member"


class MembershipDocumentError(UserError):
    "A document would say of a member what is not so"


class AssemblyError(UserError):
    "An assembly is not ready for what is asked, or is over"


class AssemblyProxyError(ValidationError):
    "A proxy is given to who may not hold it"


class AssemblyVoteError(ValidationError):
    "More votes would be cast than there are"


class SupportError(UserError):
    "A request for support is not ready for what is asked"


class SupportRightError(UserError):
    "A member has no right to support, or may not give it by hand"


class RelayError(AccessError):
    "Who said stop would be forgotten, and written to again"


class MemberImportError(UserError):
    pass


class VolunteerTimeError(UserError):
    "The hours of a volunteer are missing, or in the books already"


class ConsentError(AccessError):
    "What a person agreed to, or withdrew, would be lost"
