# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Network namespaces: each is a machine as far as the network can tell."""
import contextlib
import os
import re
import subprocess

# A range for tests of networks (RFC 2544)
NETWORK = '198.18'


def ip(*args):
    subprocess.run(['ip', *args], check=True, capture_output=True)


def is_possible():
    "Whether this user may make namespaces"
    name = f'pm{os.getpid()}-try'
    try:
        ip('netns', 'add', name)
        ip('netns', 'del', name)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def sweep():
    "Remove what a run that was killed left: its addresses are ours too"
    listed = subprocess.run(
        ['ip', 'netns', 'list'], check=True, capture_output=True, text=True)
    for name, pid in re.findall(r'^(pm(\d+)-\w+)', listed.stdout, re.M):
        if not os.path.exists(f'/proc/{pid}'):
            ip('netns', 'del', name)


@contextlib.contextmanager
def namespaces(count):
    """Give the names, the addresses and those of this side of each.

    They are joined to this machine only, and removed at the end.
    """
    sweep()
    made, found = [], []
    try:
        for i in range(1, count + 1):
            name, link = f'pm{os.getpid()}-{i}', f'pm{os.getpid()}v{i}'
            here, there = f'{NETWORK}.{i}.1', f'{NETWORK}.{i}.2'
            ip('netns', 'add', name)
            made.append(name)
            ip('link', 'add', link, 'type', 'veth', 'peer', 'eth0', 'netns',
                name)
            ip('address', 'add', f'{here}/30', 'dev', link)
            ip('link', 'set', link, 'up')
            for args in [
                    ['address', 'add', f'{there}/30', 'dev', 'eth0'],
                    ['link', 'set', 'eth0', 'up'], ['link', 'set', 'lo', 'up'],
                    ]:
                ip('-netns', name, *args)
            found.append((name, there, here))
        yield found
    finally:
        for name in made:
            ip('netns', 'del', name)
