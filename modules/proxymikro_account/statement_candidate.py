# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a line of the bank may pay, and how sure that is.

All is read in a few queries, whatever the number of lines and of invoices; the
pairs come from indexes on the numbers, the names and the amounts.
"""
import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from sql import Null

from trytond.model import ModelView
from trytond.modules.proxymikro_base.importer import normalize
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

# What each thing that agrees is worth, in a hundred
AMOUNT, REFERENCE, PARTY, DATE = 40, 40, 30, 10
WEIGHTS = {
    'amount': AMOUNT, 'reference': REFERENCE, 'party': PARTY,
    'mandate': PARTY, 'date': DATE}
AMBIGUOUS = 20
SURE = 80
PERIOD = dt.timedelta(days=120)
# An amount that more than these share says nothing by itself
MAX_SAME_AMOUNT = 3
MIN_REFERENCE = 4
# How the public treasury, which quotes the number of its own mandate, is named
TREASURY = [
    {'tresor', 'public'}, {'finances', 'publiques'}, {'dgfip'}, {'drfip'},
    {'ddfip'}, {'dsfip'}, {'tresorerie'}, {'paierie'}, {'sgc'}, {'mandat'},
    {'mandats'}, {'mdt'}]


@dataclass(eq=False)
class Candidate:
    "An open amount: an invoice, or the line of an account to reconcile"
    record: str
    account: int
    amount: Decimal
    date: dt.date
    party: int = None
    references: tuple = ()
    names: tuple = ()
    # Taken for its amount or not at all
    whole: bool = False
    # Owed by a public body, whose treasury pays
    public: bool = False


@dataclass(eq=False)
class BankLine:
    "A line of the bank, with what is left to match"
    id: int
    date: dt.date
    amount: Decimal
    text: str
    party: int = None

    def __post_init__(self):
        self.tokens = normalize(self.text).split()


@dataclass
class Proposal:
    line: BankLine
    candidate: Candidate
    reasons: tuple
    confidence: int
    amount: Decimal = None
    exact: bool = field(default=True)


class Index:
    "The candidates by what a line of the bank may say of them"

    def __init__(self, candidates):
        self.references = defaultdict(list)
        self.amounts = defaultdict(list)
        self.parties = defaultdict(list)
        self.names = defaultdict(list)
        self.publics = defaultdict(list)
        for candidate in candidates:
            if candidate.public and candidate.amount > 0:
                self.publics[candidate.party].append(candidate)
            self.amounts[candidate.amount].append(candidate)
            if candidate.party:
                self.parties[candidate.party].append(candidate)
            for reference in candidate.references:
                key = squash(reference)
                if len(key) >= MIN_REFERENCE:
                    self.references[key].append(candidate)
            for name in candidate.names:
                if tokens := get_name_tokens(name):
                    self.names[max(tokens, key=len)].append(
                        (tokens, candidate))

    def cited(self, line):
        "Return the candidates of which the text holds the number"
        found = {}
        tokens = line.tokens
        for start in range(len(tokens)):
            for end in range(start + 1, min(start + 4, len(tokens)) + 1):
                for candidate in self.references.get(
                        ''.join(tokens[start:end]), []):
                    if same_sign(candidate, line):
                        found[id(candidate)] = candidate
        return list(found.values())

    def named(self, line):
        "Return the candidates of who is recognised or named in the text"
        found = {
            id(c): c for c in self.parties.get(line.party, [])}
        tokens = set(line.tokens)
        for token in tokens:
            for names, candidate in self.names.get(token, []):
                if names <= tokens:
                    found[id(candidate)] = candidate
        return [c for c in found.values() if same_sign(c, line)]

    def mandated(self, line):
        """Return the invoices of public bodies which the treasury may pay:
        those of the amount, or all those of one body if it is their total"""
        tokens = set(line.tokens)
        if line.amount < 0 or not any(t <= tokens for t in TREASURY):
            return []
        found = [c for c in self.amounts.get(line.amount, []) if c.public]
        if not found:
            groups = self.totals.get(line.amount, [])
            found = groups[0] if len(groups) == 1 else []
        return found

    @cached_property
    def totals(self):
        "The invoices of the public bodies which owe several, by their total"
        totals = defaultdict(list)
        for group in self.publics.values():
            if len(group) > 1:
                totals[sum(c.amount for c in group)].append(group)
        return totals

    def same_amount(self, line):
        found = self.amounts.get(line.amount, [])
        return found if len(found) <= MAX_SAME_AMOUNT else []


def squash(text):
    return normalize(text).replace(' ', '')


def get_name_tokens(name):
    return frozenset(t for t in normalize(name).split() if len(t) > 2)


def same_sign(candidate, line):
    return (candidate.amount > 0) == (line.amount > 0)


def get_found(line, index):
    "Return the candidates by what recognises them, and all of them"
    found = {
        'reference': index.cited(line), 'party': index.named(line),
        'mandate': []}
    candidates = [*found['reference']]
    named = found['party']
    exact = [c for c in named if c.amount == line.amount]
    if exact or len(named) == 1:
        candidates += exact or named
    if not candidates:
        candidates = found['mandate'] = index.mandated(line)
    if not candidates:
        candidates = index.same_amount(line)
    ids = {k: {id(c) for c in cs} for k, cs in found.items()}
    return ids, list({id(c): c for c in candidates}.values())


def get_pairs(line, index):
    "Return the proposals for the line of the bank, each with its reasons"
    found, candidates = get_found(line, index)
    # What is paid together by the amount of the line
    group = found['mandate'] or found['reference']
    together = sum(
        c.amount for c in candidates if id(c) in group) == line.amount
    proposals = []
    for candidate in candidates:
        if candidate.whole and candidate.amount != line.amount:
            continue
        exact = candidate.amount == line.amount or (
            together and id(candidate) in group)
        reasons = ['amount'] if exact else []
        reasons += [r for r, ids in found.items() if id(candidate) in ids]
        if candidate.date <= line.date <= candidate.date + PERIOD:
            reasons.append('date')
        proposals.append(Proposal(
                line, candidate, tuple(reasons),
                min(100, sum(WEIGHTS[r] for r in reasons)), exact=exact))
    if not (together and found['mandate']):
        doubt(proposals)
    return proposals


def doubt(proposals):
    "Lower the proposals which nothing but the line tells from others"
    unsure = [p for p in proposals if 'reference' not in p.reasons]
    scores = Counter(p.confidence for p in unsure)
    for proposal in unsure:
        if scores[proposal.confidence] > 1:
            proposal.confidence -= AMBIGUOUS
            proposal.reasons += ('ambiguous',)


def propose(lines, candidates):
    """Return the proposals, the surest first.

    What is open is used once: the surest line of the bank gets it, and among
    invoices alike the oldest goes first.
    """
    index = Index(candidates)
    pairs = [p for t in lines for p in get_pairs(t, index)]
    pairs.sort(key=lambda p: (
            -p.confidence, p.line.date, p.candidate.date,
            p.line.id, p.candidate.record))
    left = {t.id: t.amount for t in lines}
    open_ = {c.record: c.amount for c in candidates}
    proposals = []
    for pair in pairs:
        amount = min(
            left[pair.line.id], open_[pair.candidate.record], key=abs)
        if not amount or pair.exact and amount not in {
                pair.candidate.amount, pair.line.amount}:
            continue
        pair.amount = amount
        left[pair.line.id] -= amount
        open_[pair.candidate.record] -= amount
        proposals.append(pair)
    return proposals


class Statement(metaclass=PoolMeta):
    __name__ = 'account.statement'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'match': {
                    'invisible': ((Eval('state') != 'draft')
                        | ~Bool(Eval('origins'))),
                    'depends': ['state', 'origins'],
                    },
                })

    @classmethod
    @ModelView.button_action('proxymikro_account.wizard_statement_match')
    def match(cls, statements):
        pass

    def get_proposals(self):
        "Return the origins to match and what is proposed for them"
        origins = [o for o in self.origins if o.pending_amount]
        lines = [
            BankLine(
                o.id, o.date, o.pending_amount,
                ' '.join(filter(None, [
                            o.description, *map(
                                str, (o.information or {}).values())])),
                o.party.id if o.party else None)
            for o in origins]
        candidates = []
        if self.currency == self.company.currency:
            candidates = self._get_candidates()
            pending = self._get_pending()
            for candidate in candidates:
                candidate.amount -= pending[candidate.record]
        return origins, propose(
            lines, [c for c in candidates if c.amount])

    def _get_candidates(self):
        return [*self._get_invoices(), *self._get_move_lines()]

    def _get_pending(self):
        "Return the amounts which draft statements already match"
        pool = Pool()
        Line = pool.get('account.statement.line')
        line = Line.__table__()
        statement = self.__table__()
        amounts = defaultdict(Decimal)
        for record, amount in _execute(line
                .join(statement, condition=line.statement == statement.id)
                .select(line.related_to, line.amount,
                    where=(statement.state == 'draft')
                    & (line.related_to != Null))):
            amounts[record] += amount
        return amounts

    def _get_invoices(self):
        "Return the posted invoices with what is left to pay"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        MoveLine = pool.get('account.move.line')
        Party = pool.get('party.party')
        PaymentLine = pool.get('account.invoice-account.move.line')
        invoice, party = Invoice.__table__(), Party.__table__()
        line, payment = MoveLine.__table__(), PaymentLine.__table__()
        where = ((invoice.company == self.company.id)
            & (invoice.currency == self.currency.id)
            & (invoice.state == 'posted')
            & (line.reconciliation == Null))
        candidates = {}
        for (id_, number, reference, engagement, date, account, party_id, name,
                kind, *amount) in (_execute(invoice
                    .join(line, condition=(line.move == invoice.move)
                        & (line.account == invoice.account))
                    .join(party, condition=party.id == invoice.party)
                    .select(
                        invoice.id, invoice.number, invoice.reference,
                        invoice.engagement_number, invoice.invoice_date,
                        invoice.account, party.id, party.name,
                        party.legal_kind, line.debit, line.credit,
                        where=where))):
            candidate = candidates.setdefault(id_, Candidate(
                    f'account.invoice,{id_}', account, Decimal(0), date,
                    party_id,
                    tuple(filter(None, [number, reference, engagement])),
                    tuple(filter(None, [name])), public=kind == 'public'))
            candidate.amount += amount[0] - amount[1]
        for id_, debit, credit in _execute(invoice
                .join(payment, condition=payment.invoice == invoice.id)
                .join(line, condition=line.id == payment.line)
                .select(invoice.id, line.debit, line.credit, where=where)):
            if id_ in candidates:
                candidates[id_].amount += debit - credit
        return candidates.values()

    def _get_move_lines(self):
        "Return the lines to reconcile which are no invoice's"
        pool = Pool()
        Account = pool.get('account.account')
        Invoice = pool.get('account.invoice')
        Move = pool.get('account.move')
        MoveLine = pool.get('account.move.line')
        Party = pool.get('party.party')
        PaymentLine = pool.get('account.invoice-account.move.line')
        account, move = Account.__table__(), Move.__table__()
        line, party = MoveLine.__table__(), Party.__table__()
        invoice, payment = Invoice.__table__(), PaymentLine.__table__()
        sources = self._get_sources()
        for id_, account_id, debit, credit, date, number, origin, party_id, (
                name) in _execute(line
                .join(move, condition=move.id == line.move)
                .join(account, condition=account.id == line.account)
                .join(party, 'LEFT', condition=party.id == line.party)
                .join(invoice, 'LEFT', condition=(invoice.move == line.move)
                    & (invoice.account == line.account))
                .join(payment, 'LEFT', condition=payment.line == line.id)
                .select(
                    line.id, line.account, line.debit, line.credit, move.date,
                    move.number, move.origin, line.party, party.name,
                    where=(move.company == self.company.id)
                    & (move.state == 'posted')
                    & (account.reconcile == True)
                    & (line.account != self.journal.account.id)
                    & (line.reconciliation == Null)
                    & (invoice.id == Null) & (payment.id == Null))):
            yield Candidate(
                f'account.move.line,{id_}', account_id, debit - credit, date,
                party_id, tuple(filter(None, [number])),
                tuple(filter(None, [name or sources.get(origin)])))

    def _get_sources(self):
        "Return the names of the other journals by statement"
        Journal = Pool().get('account.statement.journal')
        statement, journal = self.__table__(), Journal.__table__()
        return {
            f'account.statement,{id_}': name
            for id_, name in _execute(statement
                .join(journal, condition=statement.journal == journal.id)
                .select(statement.id, journal.name,
                    where=(statement.company == self.company.id)
                    & (statement.journal != self.journal.id)))}


def _execute(query):
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()
