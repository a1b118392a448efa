# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Report one device many times at once, in threads: python -m tests.faults.report.

Reads from its input the path of the public page and the texts to send; writes
the status of each answer. Several such processes are several workers.
"""
import json
import sys
import threading

from trytond.pool import Pool
from trytond.wsgi import app
from werkzeug.test import Client


def main():
    order = json.load(sys.stdin)
    Pool.start()
    Client(app).get(order['path'])
    texts = order['texts']
    barrier = threading.Barrier(len(texts))
    statuses = [None] * len(texts)

    def send(index):
        barrier.wait(60)
        statuses[index] = Client(app).post(
            order['path'], data={'text': texts[index]}).status_code

    threads = [
        threading.Thread(target=send, args=[i]) for i in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(statuses, sys.stdout)


if __name__ == '__main__':
    main()
