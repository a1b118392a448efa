# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The seals: what was final on a day can't be changed unseen afterwards.

Each model with the mixin has its own chain: the hash of a seal covers the
fingerprint of its record and the hash of the seal before, so that an edit made
behind the back of the application shows. Seals are set by the cron or on
demand, never while a document is being recorded.
"""
import datetime as dt
import hashlib
import json
from decimal import Decimal

from trytond.i18n import gettext, lazy_gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.rpc import RPC
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

SLICE = 1000


def canonical(value):
    "Return what stands for the value in JSON, the same on every database"
    if isinstance(value, (list, tuple)):
        return [canonical(v) for v in value]
    if isinstance(value, dict):
        return {k: canonical(v) for k, v in value.items()}
    if isinstance(value, (bytes, bytearray)):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return format(value.normalize(), 'f')
    return value


def digest(values):
    """Return the fingerprint of the values.

    What is empty is left out: a field that is added to a model later doesn't
    change the fingerprint of the records sealed before.
    """
    content = json.dumps(
        {k: canonical(v) for k, v in values.items() if v is not None},
        ensure_ascii=False, separators=(',', ':'), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


class SealMixin:
    "A record that gets a seal once it is final"
    __slots__ = ()
    # The fields that the seal covers, through relations if dotted
    _sealed_fields = []
    # The order in which the records became final
    _sealed_order = [('id', 'ASC')]

    sealed_at = fields.Function(fields.DateTime(
            lazy_gettext('proxymikro_base.msg_sealed_at'),
            help=lazy_gettext('proxymikro_base.msg_sealed_at_help')))
    seal_hash = fields.Function(fields.Char(
            lazy_gettext('proxymikro_base.msg_seal_hash'),
            help=lazy_gettext('proxymikro_base.msg_seal_hash_help')))

    @classmethod
    def seal_domain(cls):
        "Return the domain of the records that are final"
        raise NotImplementedError

    @classmethod
    def _join_seal(cls, tables):
        table, _ = tables[None]
        if 'seal' not in tables:
            seal = Pool().get('evidence.seal').__table__()
            tables['seal'] = {
                None: (seal,
                    (seal.model == cls.__name__) & (seal.record == table.id)),
                }
        seal, _ = tables['seal'][None]
        return seal

    @classmethod
    def column_sealed_at(cls, tables):
        return cls._join_seal(tables).date

    @classmethod
    def column_seal_hash(cls, tables):
        return cls._join_seal(tables).hash

    @classmethod
    def get_fingerprints(cls, records):
        "Return the fingerprint of each record by id"
        # Read, as the fields of records are much slower
        return {
            values['id']: digest({
                    'id': values['id'],
                    **{n: _follow(values, n) for n in cls._sealed_fields}})
            for values in cls.read(
                [r.id for r in records], ['id', *cls._sealed_fields])}

    @property
    def fingerprint(self):
        return self.get_fingerprints([self])[self.id]


def _follow(values, name):
    "Return the value of the field that was read, through relations if dotted"
    first, _, rest = name.partition('.')
    if rest:
        related = values.get(f'{first}.')
        return _follow(related, rest) if related else None
    return values[first]


class Seal(ModelSQL, ModelView):
    __name__ = 'evidence.seal'

    model = fields.Char("Model", required=True, readonly=True)
    record = fields.Integer("Record", required=True, readonly=True)
    resource = fields.Function(fields.Reference(
            "Sealed Record", selection='get_models',
            help="The record that the seal covers."), 'get_resource')
    rank = fields.Integer(
        "Rank", required=True, readonly=True,
        help="The position of the seal in the chain of its model.")
    date = fields.DateTime(
        "Sealed At", required=True, readonly=True)
    digest = fields.Char(
        "Fingerprint", required=True, readonly=True,
        help="The SHA-256 of the content of the record.")
    hash = fields.Char(
        "Hash", required=True, readonly=True,
        help="The SHA-256 of the seal and of the hash of the one before. "
        "Note it elsewhere to prove later that nothing before has changed.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('rank_unique', Unique(t, t.model, t.rank),
                'proxymikro_base.msg_seal_twice'),
            ('record_unique', Unique(t, t.model, t.record),
                'proxymikro_base.msg_seal_twice'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls.__rpc__.update({
                'seal': RPC(readonly=False),
                'verify': RPC(),
                })

    @classmethod
    def get_sealed_models(cls):
        return [
            model for _, model in sorted(Pool().iterobject())
            if issubclass(model, SealMixin)]

    @classmethod
    def get_models(cls):
        get_name = Pool().get('ir.model').get_name
        return [(None, "")] + [
            (m.__name__, get_name(m.__name__))
            for m in cls.get_sealed_models()]

    @classmethod
    def get_resource(cls, seals, name):
        existing = {}
        for Sealed in cls.get_sealed_models():
            ids = [s.record for s in seals if s.model == Sealed.__name__]
            existing[Sealed.__name__] = {
                r.id for sub_ids in grouped_slice(ids, SLICE)
                for r in Sealed.search([('id', 'in', list(sub_ids))])}
        return {
            s.id: (f'{s.model},{s.record}'
                if s.record in existing.get(s.model, ()) else None)
            for s in seals}

    def get_rec_name(self, name):
        return self.hash[:12]

    @classmethod
    def check_modification(cls, mode, seals, values=None, external=False):
        super().check_modification(
            mode, seals, values=values, external=external)
        if mode != 'create' or external:
            raise AccessError(gettext('proxymikro_base.msg_seal_access'))

    @classmethod
    def copy(cls, seals, default=None):
        return []

    def compute_hash(self, previous):
        "Return the hash of the seal after the one that has the previous hash"
        return digest({
                'previous': previous or '', 'model': self.model,
                'record': self.record, 'rank': self.rank, 'date': self.date,
                'digest': self.digest,
                })

    @classmethod
    def _check_read(cls):
        Pool().get('ir.model.access').check(cls.__name__, 'read')

    @classmethod
    def seal(cls):
        "Seal all that became final since the last time"
        cls._check_read()
        cls._serialise()
        with without_check_access():
            for Sealed in cls.get_sealed_models():
                cls._seal_model(Sealed)

    @classmethod
    def _serialise(cls):
        """Make the second of two sealings wait, then read what the first did.

        A row that is always there is written first, on both databases; the
        value is the same to leave no trace.
        """
        table = Pool().get('ir.model').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.update(
                [table.name], [table.name], where=table.name == cls.__name__))

    @classmethod
    def _seal_model(cls, Sealed):
        name = Sealed.__name__
        last = cls.search(
            [('model', '=', name)], order=[('rank', 'DESC')], limit=1)
        rank, previous = (last[0].rank, last[0].hash) if last else (0, None)
        date = dt.datetime.now().replace(microsecond=0)
        while records := cls._get_pending(Sealed, limit=SLICE):
            fingerprints = Sealed.get_fingerprints(records)
            seals = []
            for rank, record in enumerate(records, rank + 1):
                seal = cls(
                    model=name, record=record.id, rank=rank, date=date,
                    digest=fingerprints[record.id])
                previous = seal.hash = seal.compute_hash(previous)
                seals.append(seal)
            cls.save(seals)

    @classmethod
    def _get_pending(cls, Sealed, limit=None, count=False):
        with Transaction().set_context(active_test=False):
            return Sealed.search(
                [Sealed.seal_domain(), ('sealed_at', '=', None)],
                order=Sealed._sealed_order, limit=limit, count=count)

    @classmethod
    def verify(cls, known=None):
        """Compute all the seals again and tell what does not agree.

        The known hash is one that was noted elsewhere.
        Return the sentences that describe the chains and the problems.
        """
        cls._check_read()
        summary, problems = [], []
        with without_check_access():
            for Sealed in cls.get_sealed_models():
                found = list(cls._verify_model(Sealed))
                summary.append(cls._get_summary(Sealed))
                problems.extend(found)
            if known and not cls.search([('hash', '=', known)], count=True):
                problems.append(gettext(
                        'proxymikro_base.msg_seal_unknown', hash=known))
        return {'summary': summary, 'problems': problems}

    @classmethod
    def _get_summary(cls, Sealed):
        name = Pool().get('ir.model').get_name(Sealed.__name__)
        pending = cls._get_pending(Sealed, count=True)
        seals = cls.search(
            [('model', '=', Sealed.__name__)],
            order=[('rank', 'DESC')], limit=1)
        if not seals:
            return gettext(
                'proxymikro_base.msg_seal_none', model=name, pending=pending)
        seal, = seals
        return gettext(
            'proxymikro_base.msg_seal_summary', model=name, count=seal.rank,
            date=cls._format_date(seal.date), hash=seal.hash, pending=pending)

    @classmethod
    def _format_date(cls, date):
        return Pool().get('ir.lang').get().strftime(date, '%x %H:%M')

    @classmethod
    def _verify_model(cls, Sealed):
        "Yield what does not agree in the chain"
        rank, hashes = 0, {None}
        while seals := cls.search([
                    ('model', '=', Sealed.__name__),
                    ('rank', '>', rank),
                    ], order=[('rank', 'ASC')], limit=SLICE):
            fingerprints = cls._get_fingerprints(Sealed, seals)
            for seal in seals:
                fingerprint = fingerprints.get(seal.record)
                problem = None
                expected = {seal.compute_hash(h) for h in hashes}
                if seal.rank != rank + 1:
                    problem = 'gap'
                elif seal.hash not in expected:
                    problem = 'changed'
                elif not fingerprint:
                    problem = 'deleted'
                elif fingerprint != seal.digest:
                    problem = 'altered'
                if problem:
                    yield seal._get_problem(problem, bool(fingerprint))
                rank, hashes = seal.rank, {seal.hash}
                if problem == 'changed':
                    # The next one follows its hash as it was, if that is
                    # what was changed
                    hashes |= expected

    @classmethod
    def _get_fingerprints(cls, Sealed, seals):
        with Transaction().set_context(active_test=False):
            return Sealed.get_fingerprints(Sealed.search(
                    [('id', 'in', [s.record for s in seals])]))

    def _get_problem(self, problem, exists):
        pool = Pool()
        name = self.record
        if exists:
            name = pool.get(self.model)(self.record).rec_name
        return gettext(
            f'proxymikro_base.msg_seal_{problem}',
            model=pool.get('ir.model').get_name(self.model),
            record=name, id=self.record, rank=self.rank,
            date=self._format_date(self.date))


class VerifySeals(Wizard):
    __name__ = 'evidence.seal.verify'

    start_state = 'verify'
    verify = StateView('evidence.seal.verify.result',
        'proxymikro_base.seal_verify_result_view_form', [
            Button("Close", 'end', 'tryton-close', default=True),
            Button("Seal Now", 'seal', 'tryton-ok'),
            ])
    seal = StateTransition()

    def default_verify(self, fields):
        result = Pool().get('evidence.seal').verify()
        problems = result['problems'] or [
            gettext('proxymikro_base.msg_seal_sound')]
        return {'text': '\n'.join(problems + [''] + result['summary'])}

    def transition_seal(self):
        Pool().get('evidence.seal').seal()
        return 'verify'


class VerifySealsResult(ModelView):
    __name__ = 'evidence.seal.verify.result'

    text = fields.Text("Result", readonly=True)
