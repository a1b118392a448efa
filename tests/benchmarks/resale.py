# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many parts dismantled, sold and invoiced, added in SQL."""
from trytond.pool import Pool
from trytond.transaction import Transaction

from .entries import copy

# The parts that come out of a device
PARTS = 10


def get_last(Model):
    cursor = Transaction().connection.cursor()
    cursor.execute(f'SELECT MAX(id) FROM {Model._table}')
    return cursor.fetchone()[0]


def analyze():
    "Let the planner know what is not committed"
    cursor = Transaction().connection.cursor()
    cursor.execute('ANALYZE')


def fill_parts(resale, count):
    "Return the ids of as many parts as asked, and of the device of each"
    pool = Pool()
    Lot = pool.get('stock.lot')
    Move = pool.get('stock.move')
    Production = pool.get('production')
    part = resale.dismantle(parts=['memory'])[0]
    born, = Move.search([('lot', '=', part.id)])
    production = born.production_output
    used, = production.inputs
    collected, = Move.search([
            ('lot', '=', used.lot.id), ('production_input', '=', None)])
    devices = -(-count // PARTS)
    first_lot = get_last(Lot) + 1
    first_production = get_last(Production) + 1
    first_part = first_lot + devices
    lots = range(first_lot, first_part)
    parts = range(first_part, first_part + count)
    copy(Lot, used.lot, columns('id', 'number', 'token'), [
            [i, f'D{i}', f'token{i}'] for i in lots])
    copy(Lot, part, columns('id', 'number', 'token'), [
            [i, f'P{i}', f'token{i}'] for i in parts])
    copy(Production, production, columns('id', 'number'), [
            [first_production + i, f'D{i}'] for i in range(devices)])
    copy(Move, collected, columns('lot'), [[i] for i in lots])
    copy(Move, used, columns('lot', 'production_input'), [
            [lot, first_production + i] for i, lot in enumerate(lots)])
    copy(Move, born, columns('lot', 'production_output'), [
            [lot, first_production + i // PARTS]
            for i, lot in enumerate(parts)])
    analyze()
    return list(parts), [lots[i // PARTS] for i in range(count)]


def fill_collections(resale, count):
    "Add as many collections, of a device which was taken apart"
    pool = Pool()
    Collection = pool.get('stock.shipment.in')
    Lot = pool.get('stock.lot')
    Move = pool.get('stock.move')
    Production = pool.get('production')
    part, scrap = resale.dismantle(parts=['memory'])
    device, = part.source_devices
    first = {
        Model: get_last(Model) + 1 for Model in [Collection, Lot, Production]}
    ids = {Model: range(i, i + count) for Model, i in first.items()}
    copy(Collection, device.collection, columns('id', 'number'), [
            [i, f'C{i}'] for i in ids[Collection]])
    copy(Production, part.current_move.production_output,
        columns('id', 'number'), [[i, f'D{i}'] for i in ids[Production]])
    for rank, lot in enumerate([device, part, scrap]):
        lots = range(first[Lot] + rank * count, first[Lot] + (rank + 1) * count)
        names = ['collection'] if lot == device else []
        keys = zipped(*[ids[Collection]] * len(names), lots)
        copy(Lot, lot, columns(*names, 'id', 'number', 'token'), [
                [*k, f'L{k[-1]}', f'token{k[-1]}'] for k in keys])
        for move in Move.search([('lot', '=', lot.id)]):
            document = next((n for n in [
                        'production_input', 'production_output']
                    if getattr(move, n)), None)
            if document:
                keys = zipped(lots, ids[Production])
            else:
                document = 'shipment'
                keys = [
                    [l, f'stock.shipment.in,{i}']
                    for l, i in zip(lots, ids[Collection])]
            copy(Move, move, columns('lot', document), keys)
    analyze()


def fill_sales(resale, count):
    "Add as many lines to the accounts of resale, each with its invoice"
    pool = Pool()
    Entry = pool.get('account.move')
    Invoice = pool.get('account.invoice')
    Line = pool.get('account.invoice.line')
    LineMove = pool.get('account.invoice.line-stock.move')
    Lot = pool.get('stock.lot')
    Move = pool.get('stock.move')
    part = resale.dismantle(parts=['memory'])[0]
    invoice = resale.sell(resale.buyer(), ('12.50', [part]))
    line, = invoice.lines
    born, = Move.search([
            ('lot', '=', part.id), ('production_output', '!=', None)])
    relation, = LineMove.search([('invoice_line', '=', line.id)])
    moved, = line.stock_moves
    first = {
        Model: get_last(Model) + 1
        for Model in [Entry, Invoice, Line, Lot, Move]}

    def ids(Model):
        return range(first[Model], first[Model] + count)

    copy(Lot, part, columns('id', 'number', 'token'), [
            [i, f'S{i}', f'token{i}'] for i in ids(Lot)])
    copy(Move, moved, columns('id', 'lot'), zipped(ids(Move), ids(Lot)))
    copy(Move, born, columns('id', 'lot'), [
            [count + i, j] for i, j in zip(ids(Move), ids(Lot))])
    copy(Entry, invoice.move, columns('id', 'number', 'origin'), [
            [i, f'{i}', f'account.invoice,{j}']
            for i, j in zip(ids(Entry), ids(Invoice))])
    copy(Invoice, invoice, columns('id', 'number', 'move'), [
            [i, f'{i}', j] for i, j in zip(ids(Invoice), ids(Entry))])
    copy(Line, line, columns('id', 'invoice'),
        zipped(ids(Line), ids(Invoice)))
    copy(LineMove, relation, columns('invoice_line', 'stock_move'),
        zipped(ids(Line), ids(Move)))
    fill_entry_lines(line, ids(Entry), ids(Line))
    analyze()


def fill_entry_lines(line, entries, lines):
    "Copy the two lines of the entry of the invoice line"
    EntryLine = Pool().get('account.move.line')
    invoice = line.invoice
    income, = [l for l in invoice.move.lines if l.origin == line]
    due, = [l for l in invoice.move.lines if l.account == invoice.account]
    copy(EntryLine, income, columns('move', 'origin'), [
            [i, f'account.invoice.line,{j}'] for i, j in zip(entries, lines)])
    copy(EntryLine, due, columns('move'), [[i] for i in entries])


def zipped(*columns):
    return [list(values) for values in zip(*columns)]


def columns(*names):
    return lambda table: [getattr(table, n) for n in names]
