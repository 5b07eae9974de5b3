"""Backups: the documents of an installation in a folder, from which another one has them again.

    mirage-backups.json     format of the folder, and its public key if it is encrypted
    key.age                 its private key, encrypted with the passphrase
    originals/3f/3f…        an original by the SHA-256 of its content, shared by all backups
    backups/<name>/         a finished backup
        SHA256SUMS          the digest of each other file in here, as `sha256sum -c` reads it
        manifest.json       origin and contents (`manifest.py`)
        originals.gz        SHA-256 and size of each original
        <table>.gz          rows of a table in PostgreSQL's binary COPY format
    incomplete/             what is being written or deleted
    lock                    held while a command works on the folder

In an encrypted folder all but the manifest is in the age format, with `.age` at the end.
"""
