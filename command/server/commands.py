# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The words of the commands of the server."""
from . import backup, doctor, install, restore, upgrade
from .place import DATABASE

# name: (what runs it, in short, in full)
COMMANDS = {
    'install': (
        install.command, "installer le serveur de l'association",
        "Installe sur Debian le serveur de l'association. Relancée, la "
        "commande ne refait que ce qui manque."),
    'doctor': (
        doctor.command, "dire si le serveur va bien",
        "Vérifie le serveur, une ligne par point. Se termine avec 0 si tout "
        "va, 1 s'il y a à surveiller, 2 si quelque chose est en panne."),
    'backup': (
        backup.command, "sauvegarder, et vérifier la sauvegarde",
        "Copie la base, les pièces jointes et la configuration sans ses mots "
        "de passe, restaure la copie à côté et compare."),
    'restore': (
        restore.command, "restaurer une sauvegarde",
        "Vérifie la sauvegarde, la restaure à côté, compare, puis lui donne "
        "le nom de la base."),
    'upgrade': (
        upgrade.command, "passer à la version déposée ici",
        "Sauvegarde, met à jour une copie de la base, vérifie que rien n'est "
        "perdu, puis met la nouvelle version en service. Si une étape "
        "échoue, la version d'avant sert de nouveau."),
    }


def add(commands):
    "Add the commands to those of ./proxymikro"
    parsers = {}
    for name, (run, short, full) in COMMANDS.items():
        parser = commands.add_parser(name, help=short, description=full)
        parser.set_defaults(run=run)
        parsers[name] = parser
    parsers['install'].add_argument(
        '--answers', metavar='FICHIER',
        help="les réponses, dans un fichier TOML, au lieu des questions")
    parsers['doctor'].add_argument(
        '--mail', action='store_true',
        help="écrire à l'administrateur ce qui ne va pas, comme le serveur "
        "le fait chaque matin")
    restore = parsers['restore']
    restore.add_argument(
        'backup', metavar='SAUVEGARDE', nargs='?',
        help="le nom de la sauvegarde, ou son dossier ; "
        "sans rien, dit lesquelles il y a")
    restore.add_argument(
        '--database', metavar='BASE', default=DATABASE,
        help=f"la base à faire ({DATABASE})")
    restore.add_argument(
        '--replace', action='store_true',
        help="remplacer la base qui a ce nom")
