# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Run Tryton's tests with pytest: scenarios, cached databases, workers."""
import os
import pathlib
import sys
import unittest

import pytest

ROOT = pathlib.Path(__file__).resolve().parent
FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
sys.path.insert(0, str(ROOT))

# All of this must be set before trytond.tests is imported
os.environ.setdefault('TRYTOND_DATABASE_URI', 'sqlite://')
# On SQLite the cleaning of the cache, after so many seconds, makes the connection
# of the transaction commit each statement: no rollback any more
os.environ.setdefault('TRYTOND_CACHE__CLEAN_TIMEOUT', str(10**9))
os.environ.setdefault(
    'DB_CACHE', os.fspath(
        pathlib.Path(os.environ.get('PROXYMIKRO_HOME', ROOT / '.proxymikro'))
        / 'db_cache'))
if (os.environ['TRYTOND_DATABASE_URI'].startswith('postgresql')
        and (worker := os.environ.get('PYTEST_XDIST_WORKER'))):
    os.environ['DB_NAME'] = f'test_{os.getpid()}_{worker}'

from tests import database  # noqa: E402
from trytond.tests import test_tryton, tools  # noqa: E402

database.install(test_tryton, tools)


def _flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flatten(test)
        else:
            yield test


class ScenarioFile(pytest.Module):
    "Collect the doctests, as pytest ignores the load_tests protocol"

    def collect(self):
        loader = unittest.TestLoader()
        suite = self.obj.load_tests(loader, unittest.TestSuite(), None)
        # Run by a tox environment of their own
        long = () if FULL else getattr(self.obj, 'LONG', ())
        names = {}
        for case in _flatten(suite):
            name = os.path.basename(case.id())
            if name in long:
                continue
            index = names[name] = names.get(name, -1) + 1
            yield ScenarioItem.from_parent(
                self, name=f'{name}[{index}]' if index else name, case=case)


class ScenarioItem(pytest.Item):

    def __init__(self, *, case, **kwargs):
        super().__init__(**kwargs)
        self.case = case

    def runtest(self):
        result = unittest.TestResult()
        self.case.run(result)
        for _, reason in result.skipped:
            pytest.skip(reason)
        for _, traceback in result.errors + result.failures:
            raise ScenarioError(traceback)

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, ScenarioError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, self.name


class ScenarioError(Exception):
    pass


def pytest_pycollect_makemodule(module_path, parent):
    if module_path.name == 'test_scenario.py':
        return ScenarioFile.from_parent(parent, path=module_path)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    "In continuous integration a test that can't run is a failure"
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get('CI') and not hasattr(
            report, 'wasxfail'):
        report.outcome = 'failed'
        report.longrepr = f"skipped in CI: {report.longrepr}"


@pytest.fixture(autouse=True, scope='class')
def own_database():
    "Leave no class the database of another, with other modules in it"
    yield
    test_tryton.drop_db()
