# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of the annual statements, in the layout of ANC 2018-06.

The lines are the types of the accounts, as the association arranges them; what
is here are the sections, their totals and the results between them. As the
names of the accounts, those of the totals are of French law.
"""
from typing import NamedTuple

from .annual_statement_figure import ZERO

RESULT = 'account_fr.resultat'
NUMERALS = [
    'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII']
# The sections of the income statement by the result they lead to
INCOME_SECTIONS = [
    ("Résultat d'exploitation",
        'account_fr.produits_exploitation', 'account_fr.charges_exploitation'),
    ("Résultat financier",
        'account_fr.produits_financiers', 'account_fr.charges_financieres'),
    ("Résultat exceptionnel",
        'account_fr.produits_exceptionnels',
        'account_fr.charges_exceptionnelles'),
    ]


class Row(NamedTuple):
    label: str
    amounts: tuple = ()
    kind: str = 'line'
    level: int = 0


class Layout:
    "The statements of a fiscal year, next to those of the previous one"

    def __init__(self, chart, current, previous):
        self.chart = chart
        self.current = current
        self.previous = previous

    def both(self, name, sign=1):
        "Return what gives the amounts of a type in N and in N-1"
        def amounts(type_):
            return self.clean(
                sign * getattr(figures, name)[type_.id] if figures else ZERO
                for figures in [self.current, self.previous])
        return amounts

    def clean(self, amounts):
        "Return the amounts to the cent, zero without a sign"
        round_ = self.chart.company.currency.round
        return tuple(round_(amount) + 0 for amount in amounts)

    def asset_amounts(self, type_):
        net, previous = self.both('balance')(type_)
        return self.clean([
                self.current.gross[type_.id],
                -self.current.depreciation[type_.id], net, previous])

    def result(self):
        return self.both('income', -1)(self.chart.roots['result'])

    def lines(self, type_, amounts, level=0):
        "Yield the rows of the type and of what it holds, but empty ones"
        values = amounts(type_)
        childs = [
            row for child in self.chart.childs[type_.id]
            for row in self.lines(child, amounts, level + 1)]
        if any(values) or childs:
            yield Row(type_.name, values, 'line', level)
            yield from childs

    def section(self, type_, amounts, numeral):
        "Yield a heading, what the type holds and its total"
        yield Row(type_.name, kind='heading')
        for child in self.chart.childs[type_.id]:
            yield from self.lines(child, amounts)
        yield Row(f"Total {numeral}", amounts(type_), 'total')

    def side(self, name, amounts, section):
        "Yield the rows of one side of the balance sheet"
        root = self.chart.roots[name]
        numerals = iter(NUMERALS)
        numeral = None
        for type_ in self.chart.childs[root.id]:
            if self.chart.childs[type_.id]:
                numeral = next(numerals)
                yield from section(type_, amounts, numeral)
            elif any(amounts(type_)):
                numeral = next(numerals)
                yield Row(
                    f"{type_.name} ({numeral})", amounts(type_), 'total')
        yield Row(f"Total général (I à {numeral})", amounts(root), 'grand')

    def assets(self):
        return list(self.side('assets', self.asset_amounts, self.section))

    def liabilities(self):
        return list(self.side(
                'liabilities', self.both('balance', -1),
                self.liability_section))

    def liability_section(self, type_, amounts, numeral):
        result = self.chart.get(RESULT)
        if result not in self.chart.childs[type_.id]:
            yield from self.section(type_, amounts, numeral)
            return
        yield Row(type_.name, kind='heading')
        net = (ZERO, ZERO)
        for child in self.chart.childs[type_.id]:
            net = add(net, amounts(child))
            if child != result:
                yield from self.lines(child, amounts)
                continue
            # What earlier years left is not the result of this one
            waiting = subtract(amounts(child), self.result())
            if any(waiting):
                yield Row("Résultats antérieurs à affecter", waiting)
            yield Row(child.name, self.result())
            yield Row("Situation nette", net, 'subtotal')
        yield Row(f"Total {numeral}", amounts(type_), 'total')

    def income(self):
        "Return the rows of the income statement"
        chart, get = self.chart, self.chart.get
        income, expense = self.both('income', -1), self.both('income')
        rows, numerals, current = [], iter(NUMERALS), (ZERO, ZERO)
        done = set()
        for label, *sections in INCOME_SECTIONS:
            products, charges = map(get, sections)
            done |= {products, charges}
            n1, n2 = next(numerals), next(numerals)
            difference = subtract(income(products), expense(charges))
            rows += self.section(products, income, n1)
            rows += self.section(charges, expense, n2)
            rows.append(
                Row(f"{label} ({n1} − {n2})", difference, 'result'))
            current = add(current, difference)
            if n1 == 'III':
                rows.append(Row(
                        "Résultat courant avant impôts "
                        "(I − II + III − IV)", current, 'result'))
        numerals = iter(NUMERALS[6:])
        products, charges = (
            get('account_fr.produits'), get('account_fr.charges'))
        for root, amounts in [(products, income), (charges, expense)]:
            for type_ in chart.childs[root.id]:
                if type_ not in done and any(amounts(type_)):
                    rows.append(Row(
                            f"{type_.name} ({next(numerals)})",
                            amounts(type_), 'total'))
        rows.append(Row("Total des produits", income(products), 'total'))
        rows.append(Row("Total des charges", expense(charges), 'total'))
        rows.append(Row("Excédent ou déficit", self.result(), 'grand'))
        return rows

    def in_kind(self):
        "Return the rows of the contributions in kind, below the line"
        rows = []
        for name, sign in [('cvn_produits', -1), ('cvn_charges', 1)]:
            type_ = self.chart.get(f'proxymikro_account.{name}')
            amounts = self.both('income', sign)
            rows.append(Row(type_.name, kind='heading'))
            for child in self.chart.childs[type_.id]:
                rows += self.lines(child, amounts)
            rows.append(Row("Total", amounts(type_), 'total'))
        return rows


def add(amounts, others):
    return tuple(a + b for a, b in zip(amounts, others))


def subtract(amounts, others):
    return tuple(a - b for a, b in zip(amounts, others))
