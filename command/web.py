# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The web client, reduced to what the browser asks for."""
import re
import shutil

from .tools import ROOT, Failure, digest, home, is_fresh, run, say

WEB = ROOT / 'web'
FOLDERS = ['images', 'sounds', 'locale', 'node_modules/bootstrap/fonts']
LICENSES = ['COPYRIGHT', 'LICENSE']


def folder():
    return home() / 'www'


def check():
    "Say early that npm is missing"
    if not is_built() and not shutil.which('npm'):
        raise Failure(
            "npm is needed once, for the web client, install it with: "
            "sudo apt-get install npm")


def is_built():
    return is_fresh(home() / '.www.stamp', digest(WEB))


def ensure():
    if is_built():
        return
    check()
    say("Web client")
    work = home() / 'npm'
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(
        WEB, work, ignore=shutil.ignore_patterns('node_modules'))
    run(['npm', 'ci', '--silent'], "npm ci", cwd=work)
    build = home() / 'www.new'
    shutil.rmtree(build, ignore_errors=True)
    assemble(work / 'node_modules' / 'tryton-sao', build)
    shutil.rmtree(folder(), ignore_errors=True)
    build.rename(folder())
    shutil.rmtree(work)
    (home() / '.www.stamp').write_text(digest(WEB))
    say("Web client ready")


def assemble(source, target):
    """Copy what index.html names and what it loads later.

    The package weighs 74 MB with what builds it, this 6 MB.
    """
    index = (source / 'index.html').read_text()
    for name in re.findall(r'(?:src|href)="([^"#:]+)"', index):
        if (source / name).is_file():
            copy(source / name, target / name)
            for license_ in ['LICENSE', 'LICENSE.md', 'LICENSE.txt']:
                for parent in (source / name).parents:
                    if parent == source:
                        break
                    if (parent / license_).is_file():
                        path = (parent / license_).relative_to(source)
                        copy(source / path, target / path)
    for name in FOLDERS:
        shutil.copytree(
            source / name, target / name, dirs_exist_ok=True,
            ignore=shutil.ignore_patterns('*.po*'))
    for name in ['index.html', *LICENSES]:
        copy(source / name, target / name)
    # A browser set to fr-FR asks for it by that name
    copy(target / 'locale' / 'fr.json', target / 'locale' / 'fr_FR.json')
    for name in ['custom.css', 'custom.js']:
        if (WEB / name).is_file():
            copy(WEB / name, target / name)
        else:
            (target / name).touch()


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
