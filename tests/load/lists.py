# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The list of devices against core's list of lots with their quantities."""
import threading
import time

from .acts import COLUMNS, PAGE

# Core's view lot_list_stock_move, which computes what is where
CORE = [
    'number', 'product', 'product.rec_name', 'quantity', 'forecast_quantity',
    'default_uom', 'default_uom.symbol', 'rec_name', '_timestamp']
CLIENTS = 4


def ours(client, locations):
    ids = client.call(
        'model.stock.lot.search', [('device', '=', True)], 0, PAGE, None)
    return client.call('model.stock.lot.read', ids, COLUMNS)


def core(client, locations):
    context = {'locations': locations}
    ids = client.call('model.stock.lot.search', [], 0, PAGE, None, **context)
    return client.call('model.stock.lot.read', ids, CORE, **context)


def rate(clients, page, locations, seconds):
    "Return how many requests a second are answered"
    counts = [0] * len(clients)
    end = time.monotonic() + seconds

    def ask(index):
        while time.monotonic() < end:
            rows = page(clients[index], locations)
            assert len(rows) == PAGE
            counts[index] += 2
    threads = [
        threading.Thread(target=ask, args=[i]) for i in range(len(clients))]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - start)


def compare(application, seconds):
    "Return the rates of both lists, measured in turn"
    clients = [application.log_in('presidence') for _ in range(CLIENTS)]
    locations = clients[0].call(
        'model.stock.location.search', [('stage', '=', 'ready')], 0, 1, None)
    rates = {ours: [], core: []}
    for _ in range(3):
        for page, found in rates.items():
            found.append(rate(clients, page, locations, seconds))
    return [sorted(found)[1] for found in rates.values()]
