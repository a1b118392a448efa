# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What needs servers of its own runs at full size only, and once."""
import os

collect_ignore = []
if (not os.environ.get('PROXYMIKRO_FULL')
        or not os.environ['TRYTOND_DATABASE_URI'].startswith('sqlite')):
    collect_ignore += ['test_two_servers.py', 'test_killed_server.py']
