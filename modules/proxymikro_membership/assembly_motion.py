# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is put to the vote, and its result."""
from fractions import Fraction

from sql import Null

from trytond.i18n import gettext
from trytond.model import (
    Check, ModelSQL, ModelView, fields, sequence_ordered)
from trytond.pyson import Eval
from trytond.transaction import without_check_access

from .exceptions import AssemblyError, AssemblyVoteError

# The part of the votes which must be passed (more than), or reached
MORE_THAN = {'simple': Fraction(1, 2), 'absolute': Fraction(1, 2)}
AT_LEAST = {'two_thirds': Fraction(2, 3), 'three_quarters': Fraction(3, 4)}


class AssemblyMotion(sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'party.membership.assembly.motion'

    _open = {
        'readonly': Eval('assembly_state').in_(['closed', 'cancelled']),
        }
    _votes = {
        'readonly': Eval('assembly_state') != 'open',
        }
    assembly = fields.Many2One(
        'party.membership.assembly', "Assembly", required=True,
        ondelete='CASCADE')
    name = fields.Char("Motion", required=True, states=_open)
    text = fields.Text("Text", states=_open)
    majority = fields.Selection([
            ('simple', "More For than Against"),
            ('absolute', "More than Half of the Votes Present"),
            ('two_thirds', "Two Thirds of For and Against"),
            ('three_quarters', "Three Quarters of For and Against"),
            ('unanimous', "Nobody Against"),
            ], "Majority", required=True, sort=False, states=_open)
    majority_string = majority.translated('majority')
    votes_for = fields.Integer("For", states=_votes)
    votes_against = fields.Integer("Against", states=_votes)
    abstentions = fields.Integer("Abstentions", states=_votes)
    result = fields.Function(
        fields.Selection([
                (None, ""),
                ('adopted', "Adopted"),
                ('rejected', "Rejected"),
                ], "Result", sort=False),
        'on_change_with_result')
    result_string = result.translated('result')
    assembly_state = fields.Function(
        fields.Char("State of the Assembly"),
        'on_change_with_assembly_state')
    del _open, _votes

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('assembly')
        t = cls.__table__()
        cls._sql_constraints = [
            ('positive', Check(t,
                    ((t.votes_for >= 0) | (t.votes_for == Null))
                    & ((t.votes_against >= 0) | (t.votes_against == Null))
                    & ((t.abstentions >= 0) | (t.abstentions == Null))),
                'proxymikro_membership.msg_assembly_votes_positive'),
            ]

    @classmethod
    def default_majority(cls):
        return 'simple'

    @fields.depends('assembly', '_parent_assembly.state')
    def on_change_with_assembly_state(self, name=None):
        return self.assembly.state if self.assembly else None

    @property
    def is_voted(self):
        return self.votes_for is not None or self.votes_against is not None

    @property
    def votes_cast(self):
        return sum(filter(None, [
                    self.votes_for, self.votes_against, self.abstentions]))

    @fields.depends(
        'majority', 'votes_for', 'votes_against', 'abstentions', 'assembly',
        '_parent_assembly.attending_votes')
    def on_change_with_result(self, name=None):
        if self.votes_for is None and self.votes_against is None:
            return
        for_, against = self.votes_for or 0, self.votes_against or 0
        if self.majority == 'unanimous':
            adopted = for_ > 0 and not against
        elif self.majority in AT_LEAST:
            adopted = for_ and (
                for_ >= AT_LEAST[self.majority] * (for_ + against))
        else:
            base = for_ + against
            if self.majority == 'absolute' and self.assembly:
                base = self.assembly.attending_votes or 0
            adopted = for_ > MORE_THAN[self.majority] * base
        return 'adopted' if adopted else 'rejected'

    @classmethod
    def validate_fields(cls, motions, field_names):
        super().validate_fields(motions, field_names)
        if field_names is None or field_names & {
                'votes_for', 'votes_against', 'abstentions'}:
            cls.check_votes(motions)

    @classmethod
    @without_check_access
    def check_votes(cls, motions):
        for motion in motions:
            present = motion.assembly.attending_votes
            if motion.votes_cast > present:
                raise AssemblyVoteError(gettext(
                        'proxymikro_membership.msg_assembly_votes',
                        motion=motion.rec_name,
                        votes=motion.votes_cast, present=present))

    @classmethod
    def check_modification(cls, mode, motions, values=None, external=False):
        super().check_modification(
            mode, motions, values=values, external=external)
        for motion in motions if external else []:
            if motion.assembly.state in {'closed', 'cancelled'}:
                raise AssemblyError(gettext(
                        'proxymikro_membership.msg_assembly_modify',
                        assembly=motion.assembly.rec_name))

    @classmethod
    def copy(cls, motions, default=None):
        default = default.copy() if default is not None else {}
        for name in ['votes_for', 'votes_against', 'abstentions']:
            default.setdefault(name, None)
        return super().copy(motions, default=default)
