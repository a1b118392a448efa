# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The buyers, the grades and the invoiced lines that the rows of a file name."""
from collections import defaultdict

from trytond.modules.proxymikro_base.importer import near, normalize, show
from trytond.pool import Pool
from trytond.tools import escape_wildcard
from trytond.transaction import Transaction


class RowProblem(Exception):
    "What a row names can't be settled"

    def __init__(self, row, column, message, **values):
        super().__init__(
            row, column,
            f'proxymikro_recycling.msg_import_settlements_{message}')
        self.values = values


class SettlementLookup:
    "What the rows name, found by a few queries whatever their number"

    def __init__(self, rows, lock=False):
        self.company = Transaction().context['company']
        self._search_buyers(rows)
        if lock:
            # Two imports at once wait for each other
            Party = Pool().get('party.party')
            Party.write(sorted(self.found, key=int), {})
        self._search_grades()
        self._search_lines(rows)
        self._search_settlements(rows)

    def _search_buyers(self, rows):
        Party = Pool().get('party.party')
        texts = list({r.buyer for r in rows})
        self.buyers = defaultdict(set)
        self.found = Party.search(['OR',
                ('code', 'in', texts),
                ('identifiers.code', 'in', [_compact(t) for t in texts]),
                *(('name', 'ilike', escape_wildcard(t)) for t in texts),
                ])
        for party in self.found:
            keys = [party.name, party.code] + [
                i.code for i in party.identifiers]
            for key in filter(None, map(_compact, keys)):
                self.buyers[key].add(party)

    def get_buyer(self, row):
        buyers = self.buyers[_compact(row.buyer)]
        if len(buyers) == 1:
            return next(iter(buyers))
        if buyers:
            raise RowProblem(row, 'buyer', 'buyers', buyer=show(row.buyer))
        raise RowProblem(
            row, 'buyer', 'buyer', buyer=show(row.buyer),
            near=self._near(row.buyer, 'party.party', 'name'))

    def _near(self, text, model, field, domain=()):
        names = [r[field] for r in Pool().get(model).search_read(
                list(domain), fields_names=[field]) if r[field]]
        return ", ".join(near(text, names)) or '–'

    def _search_grades(self):
        Grade = Pool().get('recycling.grade')
        grades = Grade.search([])
        self.codes = [g.code for g in grades]
        self.grades = {normalize(g.name): g for g in grades}
        self.grades.update((normalize(g.code), g) for g in grades)

    def get_grade(self, row):
        "Return the grade of the row, None if it says none"
        if not row.grade:
            return None
        if grade := self.grades.get(normalize(row.grade)):
            return grade
        names = {
            self.grades[normalize(n)].code: None
            for n in near(row.grade, self.grades)}
        raise RowProblem(
            row, 'grade', 'grade', grade=show(row.grade),
            near=", ".join(names or self.codes))

    def _search_lines(self, rows):
        "Find the invoiced lines by the documents and the lots that name them"
        Line = Pool().get('recycling.settlement.line')
        documents = list({r.document for r in rows if r.document})
        lots = list({r.lot for r in rows if r.lot and not r.document})
        lines = Line.get_invoiced(self.company, self.found, ['OR',
                ('invoice.number', 'in', documents),
                ('origin.sale.number', 'in', documents, 'sale.line'),
                *(('stock_moves.shipment.number', 'in', documents, model)
                    for model in [
                        'stock.shipment.out', 'stock.shipment.waste']),
                ('stock_moves.lot.number', 'in', lots),
                ])
        self.lines = defaultdict(list)
        for line in lines:
            self.lines[line.invoice.party].append(line)
        self.names = {l: self._get_names(l) for l in lines}
        self.lots = {
            l: {m.lot.number: m.lot for m in l.stock_moves if m.lot}
            for l in lines}
        self.holders = Line.get_holders(lines)

    def _get_names(self, line):
        "Return the numbers of the documents that the line is on"
        SaleLine = Pool().get('sale.line')
        names = {line.invoice.number}
        if isinstance(line.origin, SaleLine):
            names.add(line.origin.sale.number)
        names.update(m.shipment.number for m in line.stock_moves if m.shipment)
        return names

    def _search_settlements(self, rows):
        Settlement = Pool().get('recycling.settlement')
        self.settlements = {
            (s.party, s.reference): s for s in Settlement.search([
                    ('company', '=', self.company),
                    ('party', 'in', [p.id for p in self.found]),
                    ('reference', 'in', list({r.reference for r in rows})),
                    ])}

    def get_line(self, row, buyer, settlement, grade):
        "Return the invoiced line that the row settles, and its lot if it says"
        lines = self.lines[buyer]
        if row.document:
            lines = [l for l in lines if row.document in self.names[l]]
            if not lines:
                raise RowProblem(
                    row, 'document', 'document', buyer=buyer.rec_name,
                    document=show(row.document), near=self._near(
                        row.document, 'account.invoice', 'number', [
                            ('type', '=', 'out'), ('party', '=', buyer.id)]))
        if row.lot:
            lines = [l for l in lines if row.lot in self.lots[l]]
            if not lines:
                raise RowProblem(
                    row, 'lot', 'lot', buyer=buyer.rec_name,
                    lot=show(row.lot))
        line = self._choose(row, lines, settlement, grade)
        return line, self.lots[line].get(row.lot)

    def _choose(self, row, lines, settlement, grade):
        "Return the only line that the settlement may have"
        free = [
            l for l in lines
            if self.holders.get(l, settlement) == settlement]
        column = 'lot' if row.lot else 'document'
        if not free:
            raise RowProblem(
                row, column, 'taken', line=lines[0].rec_name,
                settlement=self.holders[lines[0]].reference)
        if len(free) > 1 and grade:
            free = [
                l for l in free
                if {m.lot.grade for m in l.stock_moves if m.lot} == {grade}
                ] or free
        if len(free) > 1:
            raise RowProblem(
                row, 'document' if row.lot else 'lot', 'several',
                value=show(row.lot or row.document), count=len(free))
        return free[0]


def _compact(text):
    "Return the text as it is compared: a number has spaces or none"
    return normalize(text or '').replace(' ', '')
