# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Cached databases for the tests.

Tryton's own cache is keyed on the names of the modules: stale as soon as a
source changes, and as slow as ever for each new set. Here a file is keyed on
the content of the modules of ours that it holds, and starts from a template
that holds only the modules of Tryton they depend on.
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
CORE = 'core'


def depends(module):
    "Return the modules that the module needs"
    import trytond.modules
    info = trytond.modules.get_module_info(module)
    return info.get('depends', [])


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


def core_modules(modules):
    return sorted(
        m for m in closure(modules) if not is_ours(m)) or ['ir', 'res']


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


def install(test_tryton):
    "Replace the cache of trytond's tests"
    original_file = test_tryton._db_cache_file
    original_create = test_tryton.create_db
    asked = {'modules': []}

    def cache_file(path, name):
        if name.startswith(CORE):
            paths = [ROOT / 'requirements.lock']
        else:
            modules = asked['modules'] = requested(name)
            paths = sources(filter(is_ours, closure(modules)))
        file = original_file(path, f'{name}@{digest(paths)}')
        if path.startswith('postgresql://'):
            return file
        # The hash of all tells nothing, that of the name what may be pruned
        folder, file = os.path.split(file)
        label = hashlib.sha256(name.encode()).hexdigest()[:8]
        return os.path.join(folder, f'{label}-{file}')

    def create_db(name=test_tryton.DB_NAME, lang='en'):
        if not test_tryton.DB_CACHE or test_tryton.db_exist(name):
            return original_create(name, lang)
        modules = core_modules(asked['modules'])
        cache_name = f"{CORE}-{'-'.join(modules)}--{lang}"
        with lock(cache_file(test_tryton.DB_CACHE, cache_name)):
            if not test_tryton.restore_db_cache(cache_name):
                original_create(name, lang)
                activate(test_tryton, modules)
                test_tryton.backup_db_cache(cache_name)

    test_tryton._db_cache_file = cache_file
    test_tryton.create_db = create_db
    for name in ['_sqlite_copy', '_pg_dump']:
        setattr(test_tryton, name, atomic(getattr(test_tryton, name)))
    for name in ['_sqlite_copy', '_pg_dump', '_pg_restore']:
        setattr(test_tryton, name, used(getattr(test_tryton, name)))


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
