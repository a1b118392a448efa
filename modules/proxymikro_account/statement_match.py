# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Match the lines of the bank with what they pay, under the bookkeeper's eye.

Nothing is written before the bookkeeper confirms, and what is not recognised
stays in the list.
"""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import StatementMatchError
from .statement_candidate import SURE

_RELATED = [
    'account.invoice', 'account.move.line', 'account.cheque.deposit']


class StatementLine(metaclass=PoolMeta):
    __name__ = 'account.statement.line'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.related_to.domain['account.move.line'] = [
            ('company', '=', Eval('company', -1)),
            ('account.reconcile', '=', True),
            ('move_state', '=', 'posted'),
            If(Bool(Eval('account')),
                ('account', '=', Eval('account', -1)),
                ()),
            If(Bool(Eval('party')),
                ('party', '=', Eval('party', -1)),
                ()),
            If(Eval('statement_state') == 'draft',
                ('reconciliation', '=', None),
                ()),
            ]

    @classmethod
    def _get_relations(cls):
        return super()._get_relations() + ['account.move.line']

    @property
    @fields.depends('related_to')
    def move_line(self):
        MoveLine = Pool().get('account.move.line')
        related_to = getattr(self, 'related_to', None)
        if isinstance(related_to, MoveLine) and related_to.id >= 0:
            return related_to

    @fields.depends('party', 'account', methods=['move_line'])
    def on_change_related_to(self):
        super().on_change_related_to()
        if self.move_line:
            self.account = self.move_line.account
            self.party = self.move_line.party

    @classmethod
    def reconcile(cls, move_lines):
        MoveLine = Pool().get('account.move.line')
        super().reconcile(move_lines)
        to_reconcile, used = [], set()
        for move_line, line in move_lines:
            other = line.move_line if line else None
            if (other and other not in used and not other.reconciliation
                    and other.account == move_line.account
                    and other.party == move_line.party
                    and other.debit == move_line.credit
                    and other.credit == move_line.debit):
                used.add(other)
                to_reconcile.append([move_line, other])
        MoveLine.reconcile(*to_reconcile)


class StatementMatchStart(ModelView):
    __name__ = 'account.statement.match.start'

    statement = fields.Many2One(
        'account.statement', "Statement", readonly=True)
    sure = fields.Integer("Sure", readonly=True,
        help="The number of lines which are ticked.")
    unmatched = fields.Integer("Without Proposal", readonly=True,
        help="The number of lines which stay to match by hand.")
    lines = fields.One2Many(
        'account.statement.match.line', None, "Proposals")


# What is said of the proposal is not said of another choice
_by_hand = {
    'invisible': (Bool(Eval('related_to'))
        & (Eval('related_to') != Eval('proposed'))),
    }


class StatementMatchLine(ModelView):
    __name__ = 'account.statement.match.line'

    accept = fields.Boolean(
        "Accept",
        states={
            'readonly': ~Bool(Eval('related_to')),
            })
    confidence = fields.Float(
        "Confidence", readonly=True, digits=(1, 2), states=_by_hand,
        help="How sure the proposal is.")
    reasons = fields.Char(
        "Reasons", readonly=True, states=_by_hand,
        help="What agrees between the line of the bank and the proposal.")
    origin = fields.Many2One(
        'account.statement.origin', "Origin", readonly=True)
    date = fields.Date("Date", readonly=True)
    description = fields.Char("Description", readonly=True)
    amount = Monetary(
        "Amount", currency='currency', digits='currency', readonly=True,
        help="What came to the account, or left it.")
    matched = Monetary(
        "Matched", currency='currency', digits='currency', readonly=True,
        states=_by_hand,
        help="What the proposal takes of the amount.")
    related_to = fields.Reference(
        "Related To", 'get_relations',
        domain={
            'account.invoice': [
                ('company', '=', Eval('company', -1)),
                ('currency', '=', Eval('currency', -1)),
                ('state', '=', 'posted'),
                ],
            'account.move.line': [
                ('company', '=', Eval('company', -1)),
                ('account.reconcile', '=', True),
                ('move_state', '=', 'posted'),
                ('reconciliation', '=', None),
                ],
            'account.cheque.deposit': [
                ('company', '=', Eval('company', -1)),
                ('state', '=', 'deposited'),
                ],
            },
        help="What the line of the bank pays: choose another one if the "
        "proposal is wrong.")
    proposed = fields.Char("Proposed", readonly=True)
    party = fields.Many2One(
        'party.party', "Party", readonly=True, states=_by_hand)
    company = fields.Many2One('company.company', "Company", readonly=True)
    currency = fields.Many2One('currency.currency', "Currency", readonly=True)

    @classmethod
    def get_relations(cls):
        get_name = Pool().get('ir.model').get_name
        return [(None, '')] + [(m, get_name(m)) for m in _RELATED]

    def get_matched(self, open_):
        "Return what is taken: what was proposed, or the most by hand"
        if str(self.related_to) == self.proposed:
            return self.matched
        return min(open_, self.amount, key=abs)

    def get_line(self, statement, amount):
        Line = Pool().get('account.statement.line')
        origin, related_to = self.origin, self.related_to
        account = related_to.account
        return Line(
            statement=statement, origin=origin, number=origin.number,
            date=origin.date, description=origin.description,
            amount=amount, account=account,
            party=related_to.party if account.party_required else None,
            related_to=related_to)


def get_open_amount(record):
    "Return what is left to pay, as the bank counts it"
    if record.__name__ == 'account.invoice':
        sign = 1 if record.type == 'out' else -1
        return sign * record.amount_to_pay
    if record.__name__ == 'account.cheque.deposit':
        return record.pending
    return record.debit - record.credit


class StatementMatch(Wizard):
    __name__ = 'account.statement.match'

    start = StateView(
        'account.statement.match.start',
        'proxymikro_account.statement_match_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Confirm All", 'confirm_all', 'tryton-forward'),
            Button("Confirm Ticked", 'confirm', 'tryton-ok', default=True),
            ])
    confirm = StateTransition()
    confirm_all = StateTransition()

    def default_start(self, fields):
        statement = self.record
        origins, proposals = statement.get_proposals()
        names = self._get_names(proposals)
        by_id = {o.id: o for o in origins}
        lines = [
            self._get_default(by_id[p.line.id], p, names)
            for p in proposals]
        proposed = {p.line.id for p in proposals}
        unmatched = [o for o in origins if o.id not in proposed]
        lines.extend(self._get_default(o) for o in unmatched)
        return {
            'statement': statement.id,
            'sure': sum(l['accept'] for l in lines),
            'unmatched': len(unmatched),
            'lines': lines,
            }

    def _get_names(self, proposals):
        "Return the names of what is proposed, read together"
        pool = Pool()
        names = {}
        ids = defaultdict(set)
        for proposal in proposals:
            model, id_ = proposal.candidate.record.split(',')
            ids[model].add(int(id_))
            if proposal.candidate.party:
                ids['party.party'].add(proposal.candidate.party)
        for model, records in ids.items():
            for record in pool.get(model).browse(list(records)):
                names[f'{model},{record.id}'] = record.rec_name
        return names

    def _get_default(self, origin, proposal=None, names=None):
        default = {
            'accept': False,
            'origin': origin.id,
            'date': origin.date,
            'description': origin.description,
            'amount': origin.pending_amount,
            'company': origin.company.id,
            'currency': origin.currency.id,
            'confidence': 0,
            'reasons': gettext('proxymikro_account.msg_statement_match_none'),
            'matched': None,
            'related_to': None,
            'proposed': None,
            'party': None,
            }
        if proposal:
            candidate = proposal.candidate
            default.update({
                    'accept': proposal.confidence >= SURE,
                    'confidence': proposal.confidence / 100,
                    'reasons': ', '.join(
                        gettext('proxymikro_account.msg_statement_match_%s'
                            % reason) for reason in proposal.reasons),
                    'matched': proposal.amount,
                    'related_to': candidate.record,
                    'proposed': candidate.record,
                    'related_to.': {'rec_name': names[candidate.record]},
                    'party': candidate.party,
                    })
            if candidate.party:
                default['party.'] = {
                    'rec_name': names[f'party.party,{candidate.party}']}
        return default

    def transition_confirm(self):
        return self._match([l for l in self.start.lines if l.accept])

    def transition_confirm_all(self):
        return self._match(self.start.lines)

    def _match(self, rows):
        Line = Pool().get('account.statement.line')
        statement = self.record
        rows = [r for r in rows if r.related_to]
        self._serialise(statement.company)
        amounts = self._get_amounts(statement, rows)
        Line.save([
                r.get_line(statement, a) for r, a in zip(rows, amounts)])
        return 'end'

    @classmethod
    def _serialise(cls, company):
        """Make the second of two who match wait, then read what the first did.

        What is open may be matched from any journal of the company. The value
        is the same to leave no trace.
        """
        table = Pool().get('account.statement.journal').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.update(
                [table.name], [table.name],
                where=table.company == company.id))

    def _get_amounts(self, statement, rows):
        "Return what each row takes, if nobody took it meanwhile"
        pool = Pool()
        lang = pool.get('ir.lang').get()
        left = {
            o.id: o.pending_amount for o in statement.origins
            if statement.state == 'draft'}
        open_ = {
            f'{m},{r.id}': get_open_amount(r) for m in _RELATED
            for r in pool.get(m).browse(sorted({
                        row.related_to.id for row in rows
                        if row.related_to.__name__ == m}))}
        for record, amount in statement._get_pending().items():
            if record in open_:
                open_[record] -= amount
        amounts = []
        for row in rows:
            record = str(row.related_to)
            amount = row.get_matched(open_[record])
            if not (_covers(left.get(row.origin.id, 0), amount)
                    and _covers(open_[record], amount)):
                raise StatementMatchError(gettext(
                        'proxymikro_account.msg_statement_match',
                        date=lang.strftime(row.origin.date),
                        description=row.origin.description or '',
                        related_to=row.related_to.rec_name))
            left[row.origin.id] -= amount
            open_[record] -= amount
            amounts.append(amount)
        return amounts


def _covers(available, amount):
    "Whether the amount is one, on the same side, and still there"
    return bool(amount) and (
        (available > 0) == (amount > 0) and abs(amount) <= abs(available))
