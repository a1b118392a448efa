# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The public page of a device: /d/TOKEN, or /DATABASE/d/TOKEN."""
import base64
import hashlib
from functools import lru_cache

from genshi.template import MarkupTemplate

import trytond.config as config
from trytond.protocols.wrappers import (
    HTTPStatus, Response, abort, exceptions, redirect, set_max_request_size,
    with_pool, with_transaction)
from trytond.tools import file_open
from trytond.transaction import Transaction
from trytond.wsgi import app

from .exceptions import IssueLimitError
from .issue import CONTACT_SIZE, TEXT_SIZE, clean

MAX_SIZE = 16 * 1024
# A field that only robots see and fill
HONEYPOT = 'website'
SENT = 'signalement'


@lru_cache(maxsize=None)
def _read(name):
    path = f'proxymikro_stock/page/{name}'
    with file_open(path, mode='r', encoding='utf-8') as file:
        return file.read()


@lru_cache(maxsize=None)
def _template(name):
    return MarkupTemplate(_read(f'{name}.html'), encoding=None)


@lru_cache(maxsize=None)
def _headers():
    digest = base64.b64encode(
        hashlib.sha256(_read('page.css').encode()).digest()).decode()
    return {
        'Content-Security-Policy':
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        'X-Content-Type-Options': 'nosniff',
        'X-Robots-Tag': 'noindex, nofollow',
        # The address is the secret. Without any referrer the form would be
        # sent from the origin "null", which is refused.
        'Referrer-Policy': 'same-origin',
        # A revoked page must not live on in a browser or a proxy
        'Cache-Control': 'no-store',
        'Content-Language': 'fr',
        }


def _respond(name, status=HTTPStatus.OK, **context):
    html = _template(name).generate(css=_read('page.css'), **context).render(
        'html', doctype='html5', encoding=None)
    return Response(
        html, status, headers=_headers(), content_type='text/html; charset=utf-8')


def _answer_refusals(application):
    "Answer what core refuses before it looks for a route: it would be a 500"
    def wrapper(environ, start_response):
        try:
            return application(environ, start_response)
        except exceptions.HTTPException as refusal:
            return refusal(environ, start_response)
    return wrapper


app.wsgi_app = _answer_refusals(app.wsgi_app)


@app.route('/d/<path:token>', methods={'GET', 'POST'})
@set_max_request_size(MAX_SIZE)
def public_page(request, token):
    "Serve the page of the database of the configuration"
    database = config.get('proxymikro', 'public_database', default='')
    return device_page(request, database, token)


@app.route('/<database_name>/d/<path:token>', methods={'GET', 'POST'})
@set_max_request_size(MAX_SIZE)
def device_page(request, database_name, token):
    "Serve the page of the device, and the same one for all that is none"
    try:
        return _device_page(request, database_name, token.rstrip('/'))
    except exceptions.NotFound:
        return _respond('not_found', HTTPStatus.NOT_FOUND)


@with_pool
@with_transaction(context={'language': 'fr'})
def _device_page(request, pool, token):
    try:
        Issue = pool.get('device.issue')
        Lang = pool.get('ir.lang')
        Lot = pool.get('stock.lot')
    except KeyError:
        # A database without our modules
        abort(HTTPStatus.NOT_FOUND)
    lot = Lot.search_public(token)
    if not lot:
        abort(HTTPStatus.NOT_FOUND)
    form, problem = {}, None
    if request.method == 'POST':
        form = {n: clean(request.form.get(n, '')) for n in ['text', 'contact']}
        problem = _find_problem(form)
        if not problem:
            try:
                if not request.form.get(HONEYPOT):
                    Issue.report(lot, **form)
            except IssueLimitError:
                Transaction().rollback()
                problem = 'limit'
            else:
                response = redirect(f'?{SENT}=1', HTTPStatus.SEE_OTHER)
                response.headers.update(_headers())
                return response
    status = {
        None: HTTPStatus.OK,
        'limit': HTTPStatus.TOO_MANY_REQUESTS,
        }.get(problem, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _respond(
        'device', status, **lot.get_public_page(), form=form, problem=problem,
        sent=SENT in request.args, honeypot=HONEYPOT, text_size=TEXT_SIZE,
        contact_size=CONTACT_SIZE, format_date=Lang.get('fr').strftime)


def _find_problem(form):
    "Return what is wrong in the form"
    if not form['text']:
        return 'empty'
    if len(form['text']) > TEXT_SIZE or len(form['contact']) > CONTACT_SIZE:
        return 'long'
