# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Cached databases for the tests.

Tryton's own cache is keyed on the names of the modules: stale as soon as a
source changes, and as slow as ever for each new set. Here a file is keyed on
the content of the modules of ours that it holds, and starts from a template:
that of one module of ours less, and so on down to the base, so that each module
is activated once for all the sets which hold it.
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULES = ROOT / 'modules'
# How many caches of a name are kept, and for how long those not used any more
KEEP, DAYS = 3, 7
SOURCES = {'.py', '.xml', '.cfg', '.po', '.svg', '.html', '.css'}
TEMPLATE = 'template'


def depends(module, extras=False):
    "Return the modules that the module needs, or only knows"
    import trytond.modules
    info = trytond.modules.get_module_info(module)
    found = info.get('depends', [])
    return found + info.get('extras_depend', []) if extras else found


def closure(modules):
    "Return the modules with all they need"
    found, todo = set(), list(modules)
    while todo:
        module = todo.pop()
        if module not in found:
            found.add(module)
            todo.extend(depends(module))
    return found


def is_ours(module):
    return module.startswith('proxymikro_')


def chain(modules):
    "Return our modules among them and all they need, each after its own"
    todo = sorted(filter(is_ours, closure(modules)))
    found = []
    while todo:
        for module in todo:
            if not set(depends(module, extras=True)) & set(todo):
                break
        todo.remove(module)
        found.append(module)
    return found


def digest(paths):
    hash_ = hashlib.sha256()
    for path in sorted(paths):
        hash_.update(str(path.relative_to(ROOT)).encode())
        hash_.update(path.read_bytes())
    return hash_.hexdigest()[:16]


def sources(modules):
    yield ROOT / 'requirements.lock'
    for module in modules:
        for path in (MODULES / module).rglob('*'):
            if (path.suffix in SOURCES and path.is_file()
                    and not path.name.startswith(('test_', 'scenario_'))):
                yield path


def requested(name):
    "Return the modules in the name of a cached database"
    return [m for m in name.split('--')[0].split('-') if m]


def install(test_tryton, tools):
    "Replace the cache of trytond's tests"
    cache = Cache(test_tryton, tools)
    test_tryton._db_cache_file = cache.file
    test_tryton.create_db = cache.create
    tools.activate_modules = cache.activate_modules
    keep_classes(test_tryton.DB_NAME)
    for name in ['_sqlite_copy', '_pg_dump']:
        setattr(test_tryton, name, atomic(getattr(test_tryton, name)))
    for name in ['_sqlite_copy', '_pg_dump', '_pg_restore']:
        setattr(test_tryton, name, used(getattr(test_tryton, name)))


class Cache:
    "What replaces the functions of trytond's tests"

    def __init__(self, test_tryton, tools):
        self.test_tryton, self.tools = test_tryton, tools
        self.original_file = test_tryton._db_cache_file
        self.original_create = test_tryton.create_db
        self.asked = []

    def file(self, path, name):
        modules = requested(name)
        if not name.endswith(TEMPLATE):
            self.asked = modules
        paths = sources(filter(is_ours, closure(modules)))
        file = self.original_file(path, f'{name}@{digest(paths)}')
        if path.startswith('postgresql://'):
            return file
        # The hash of all tells nothing, that of the name what may be pruned
        folder, file = os.path.split(file)
        label = hashlib.sha256(name.encode()).hexdigest()[:8]
        return os.path.join(folder, f'{label}-{file}')

    def create(self, name=None, lang='en'):
        name = name or self.test_tryton.DB_NAME
        modules = chain(self.asked)
        if (not modules or not self.test_tryton.DB_CACHE
                or self.test_tryton.db_exist(name)):
            return self.original_create(name, lang)
        self.build(name, lang, modules)

    def build(self, name, lang, modules):
        "Restore the template of the modules, made from that of one less"
        *others, module = modules
        cache_name = f"{'-'.join(modules)}--{lang}-{TEMPLATE}"
        with lock(self.file(self.test_tryton.DB_CACHE, cache_name)):
            if self.test_tryton.restore_db_cache(cache_name):
                return
            if others:
                self.build(name, lang, others)
            else:
                self.original_create(name, lang)
            activate(self.test_tryton, [module])
            self.test_tryton.backup_db_cache(cache_name)
        from trytond.pool import Pool
        # What activates sets its classes up by module: core then wraps twice
        # what reads a scanner, which a server that starts never does
        Pool(self.test_tryton.DB_NAME).init()

    def activate_modules(self, modules, *setup):
        "Set up what has the modules activated, as trytond's does"
        modules = [modules] if isinstance(modules, str) else sorted(modules)
        cache_name = '-'.join(modules)
        if names := '|'.join(map(self.tools._func_name, setup)):
            cache_name += f'--{names}'
        if not self.test_tryton.restore_db_cache(cache_name):
            self.test_tryton.drop_db()
            self.test_tryton.activate_module(modules)
            for func in setup:
                func(config=self.tools._get_config())
            if setup:
                self.test_tryton.backup_db_cache(cache_name)
        return self.tools._get_config()


def keep_classes(name):
    """Give a database of the tests the classes of the one before.

    When both have the same modules: to set the classes up takes seconds, and
    proteus asks for it once more. What activates modules sets them up always.
    """
    from trytond.pool import Pool
    from trytond.transaction import Transaction
    original, kept = Pool.init, {}

    def init(self, update=None, **kwargs):
        if self.database_name != name:
            return original(self, update=update, **kwargs)
        modules = (
            None if update or Transaction().connection else activated(name))
        if not modules or modules not in kept:
            kept.clear()
            original(self, update=update, **kwargs)
            if modules:
                kept[modules] = self._pool, self._modules
            return
        with self._lock:
            self._pool, self._modules = kept[modules]
            Pool._pools[name] = self._pool
            Pool._pool_modules[name] = self._modules
            Pool._pool_instances.clear()
            Pool._pool_instances.add(self)
            self.ready = True
    Pool.init = init


def activated(name):
    "Return the modules that the database has, as core reads them"
    from sql import Table
    from trytond.transaction import Transaction
    table = Table('ir_module')
    with Transaction().start(name, 0, readonly=True) as transaction:
        cursor = transaction.connection.cursor()
        cursor.execute(*table.select(
                table.name, where=table.state.in_(
                    ['activated', 'to upgrade', 'to remove'])))
        return frozenset(n for n, in cursor)


def used(copy):
    "Remember that the cache was used, and prune the others"
    def wrapper(file_, *args, **kwargs):
        result = copy(file_, *args, **kwargs)
        path = pathlib.Path(file_)
        if result and path.exists():
            os.utime(path)
            prune(path)
        return result
    return wrapper


def prune(used):
    """Remove the caches of the same name but the last used, and what is old.

    The name is what comes before the first dash.
    """
    times = {}
    for path in used.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):
            times[path] = path.stat().st_mtime
    name = used.name.partition('-')[0] + '-'
    same = [
        p for p in sorted(times, key=times.get, reverse=True)
        if p.name.startswith(name) and p.suffix == used.suffix]
    old = time.time() - DAYS * 24 * 3600
    for path in {*same[KEEP:], *(p for p in times if times[p] < old)}:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def activate(test_tryton, modules):
    from trytond.pool import Pool
    from trytond.transaction import Transaction
    with Transaction().start(
            test_tryton.DB_NAME, 1, close=True) as transaction:
        pool = Pool()
        Module = pool.get('ir.module')
        Upgrade = pool.get('ir.module.activate_upgrade', type='wizard')
        if records := Module.search([
                    ('name', 'in', modules), ('state', '!=', 'activated')]):
            Module.activate(records)
            transaction.commit()
            session, _, _ = Upgrade.create()
            transaction.commit()
            Upgrade(session).transition_upgrade()
            Upgrade.delete(session)
            transaction.commit()


def atomic(copy):
    "Let the other workers only ever see a whole file"
    def wrapper(file_, restore=False):
        if restore:
            return copy(file_, restore=True)
        if os.path.exists(file_) or file_.startswith('postgresql://'):
            return copy(file_)
        temporary = f'{file_}.{os.getpid()}'
        result = copy(temporary)
        if os.path.exists(temporary):
            try:
                os.rename(temporary, file_)
            except OSError:  # another worker was faster
                shutil.rmtree(temporary, ignore_errors=True)
        return result
    return wrapper


@contextlib.contextmanager
def lock(path):
    "One worker makes the template, the others wait for it"
    if path.startswith('postgresql://'):
        yield
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f'{path}.lock', 'w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
