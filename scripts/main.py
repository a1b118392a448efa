# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Where the commands start: with the configuration.

What they import chooses the database by it, once and for all.
"""
import argparse

import trytond.config as config


def configure(args=None):
    "Read the configuration that the arguments name"
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument('-c', '--config')
    options, _ = parser.parse_known_args(args)
    if options.config:
        config.update_etc(options.config)


def import_():
    configure()
    from .import_file import main
    main()


def export():
    configure()
    from .export_file import main
    main()


def verify():
    configure()
    from .verify import main
    main()
