# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is asked of who installs, or read from a file of answers."""
import getpass
import re
import ssl
import sys
import tomllib
import urllib.parse

from ..tools import Failure

# The question of each key, in their order
QUESTIONS = {
    'site': "Nom du site, tel qu'on le tape (par exemple parc.example.org)",
    'association': "Nom de l'association",
    'courriel': "Adresse de courriel de l'administrateur",
    'smtp': "Serveur de courriel, par exemple "
        "smtp+tls://nom:motdepasse@smtp.example.org:587 (rien : aucun envoi)",
    'expediteur': "Adresse qui envoie les courriels (rien : aucun envoi)",
    'certificat': "Fichier du certificat TLS (rien : sans chiffrement)",
    'cle': "Fichier de la clé du certificat (rien : sans chiffrement)",
    'mot_de_passe': "Mot de passe de l'utilisateur admin",
    }
# Not asked when the other is empty
NEEDED = {'expediteur': 'smtp', 'cle': 'certificat'}
PASSWORD_LENGTH = 12
# What people type when asked for twelve characters
COMMON = [
    'motdepasse', 'azertyuiop', 'qsdfghjklm', 'qwertyuiop', 'password',
    'passw0rd', 'administrateur', 'administrator', 'association', 'proxymikro',
    'proxymikro-demo', 'bonjour', 'soleil', 'doudou', 'loulou', 'chouchou',
    'jetaime', 'changeme', 'changezmoi', 'bienvenue', 'welcome', 'letmein']
ADDRESS = re.compile(r'[^@\s<>(),;:"]+@[^@\s<>(),;:"]+\.[^@\s<>(),;:".]{2,}')
HOST = re.compile(
    r'(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)'
    r'(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*')


def forbidden(answers):
    "Return the passwords that nobody may choose"
    words = COMMON + [
        answers['association'].lower(), answers['site'].lower()]
    return [
        f'{word}{end}' for word in words
        for end in ['', '1', '12', '123', '1234', '12345', '123456', '!',
            *map(str, range(2015, 2041))]
        ] + ['1234567890' * 4, 'azertyuiopqsdfghjklmwxcvbn',
        'qwertyuiopasdfghjklzxcvbnm', 'abcdefghijklmnopqrstuvwxyz']


def read(path):
    "Return the answers of the file, all known and all there"
    try:
        with open(path, 'rb') as file:
            answers = tomllib.load(file)
    except OSError as error:
        raise Failure(f"{path} : {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"{path} : {error}") from None
    for key, value in answers.items():
        if key not in QUESTIONS:
            raise Failure(f"{path} : réponse inconnue « {key} ». "
                f"Les réponses sont : {', '.join(QUESTIONS)}.")
        if not isinstance(value, str):
            raise Failure(
                f"{path} : la réponse « {key} » s'écrit entre guillemets.")
    return answers


def ask(known):
    "Ask what is not known, again until it is right"
    answers = dict(known)
    if not sys.stdin.isatty():
        return answers
    for key, question in QUESTIONS.items():
        if answers.get(NEEDED.get(key)) == '':
            answers.setdefault(key, '')
        while key not in answers:
            prompt = f"{question} : "
            value = (getpass.getpass(prompt) if key == 'mot_de_passe'
                else input(prompt).strip())
            try:
                check_one(key, value, answers)
            except Failure as failure:
                print(failure)
                if key == 'cle':
                    del answers['certificat']
                    return ask(answers)
            else:
                answers[key] = value
    return answers


def check(answers, need_password=True):
    "Refuse by its name what is missing or can't be right"
    for key in QUESTIONS:
        if key == 'mot_de_passe' and not need_password:
            continue
        if key not in answers:
            raise Failure(f"il manque la réponse « {key} » : "
                f"{QUESTIONS[key]}.")
        check_one(key, answers[key], answers)


def check_one(key, value, answers):
    if re.search(r'[\x00-\x1f\x7f]', value):
        raise Failure(f"« {key} » tient sur une ligne.")
    CHECKS[key](value, answers)


def check_site(value, answers):
    if not HOST.fullmatch(value):
        raise Failure(f"« site » : {value!r} n'est pas un nom de machine, "
            "en minuscules et sans https://.")


def check_association(value, answers):
    if not value.strip() or len(value) > 100 or re.search('[<>"]', value):
        raise Failure(
            "« association » : un nom de 1 à 100 caractères, sans < > \".")


def check_address(value, answers):
    if not ADDRESS.fullmatch(value):
        raise Failure(f"« courriel » : {value!r} n'est pas une adresse.")


def check_smtp(value, answers):
    if not value:
        return
    try:
        parts = urllib.parse.urlsplit(value)
        valid = parts.hostname and (parts.port or True)
    except ValueError:
        valid = False
    if not valid or parts.scheme not in {'smtp', 'smtps', 'smtp+tls'}:
        raise Failure("« smtp » commence par smtp://, smtps:// ou "
            "smtp+tls://, puis le serveur et le port.")


def check_sender(value, answers):
    if bool(value) != bool(answers.get('smtp')):
        raise Failure("« smtp » et « expediteur » vont ensemble : "
            "les deux, ou aucun.")
    if value and not ADDRESS.fullmatch(value):
        raise Failure(f"« expediteur » : {value!r} n'est pas une adresse.")


def check_certificate(value, answers):
    if value and not value.startswith('/'):
        raise Failure("« certificat » : donnez le chemin entier, "
            "qui commence par /.")


def check_key(value, answers):
    certificate = answers.get('certificat')
    if bool(value) != bool(certificate):
        raise Failure("« certificat » et « cle » vont ensemble : "
            "les deux, ou aucun.")
    if not value:
        return
    if not value.startswith('/'):
        raise Failure(
            "« cle » : donnez le chemin entier, qui commence par /.")
    try:
        ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, value)
    except (OSError, ssl.SSLError) as error:
        raise Failure("« certificat » et « cle » ne vont pas l'un avec "
            f"l'autre, ou ne se lisent pas : {error}") from None


def check_password(value, answers):
    if len(value.encode()) < PASSWORD_LENGTH:
        raise Failure(f"« mot_de_passe » : {PASSWORD_LENGTH} caractères "
            "au moins.")
    if value.lower() in '\n'.join(forbidden(answers)):
        raise Failure("« mot_de_passe » : trop courant, choisissez-en un "
            "autre.")
    if value.lower() == answers.get('courriel', '').lower():
        raise Failure("« mot_de_passe » : ce n'est pas l'adresse.")


CHECKS = {
    'site': check_site,
    'association': check_association,
    'courriel': check_address,
    'smtp': check_smtp,
    'expediteur': check_sender,
    'certificat': check_certificate,
    'cle': check_key,
    'mot_de_passe': check_password,
    }
