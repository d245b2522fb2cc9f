"""PostgreSQL for readers: the current release, served to BI tools and analysts.

What others build on (docs/decisions/0021-postgresql-for-readers.md says why):

``python -m serving start``
    Start PostgreSQL on loopback, set up database ``lumbung`` and its roles. Twice is as good as
    once; after a kill it recovers. Nothing to do where ``LUMBUNG_POSTGRES_DSN`` names a server.
``python -m serving publish``
    Make PostgreSQL's current release that of ``$LUMBUNG_HOME/releases/current``: load it where it
    is not loaded, switch in one transaction, put away what is older than three releases. Also
    completes what was killed, and follows a roll-back.
``python -m serving status``
    Say what runs and which release it serves; ``--json`` for programs. Exit code 0 where it is up
    and current, 3 where it is not.
``python -m serving stop``
    Stop it; readers in the middle of a query are told by PostgreSQL.
``python -m serving dsn [reader|publisher|owner]``
    Print a connection string without a password: it names the password file.

In Python: ``serving.server.start(settings)``, ``serving.server.stop(settings)``,
``serving.server.state(settings)``; ``serving.access.dsn(settings, role)`` (libpq, without the
password), ``serving.access.password_file(settings, role)``; ``serving.publish.publish(settings)``.

Passwords lie in ``$LUMBUNG_HOME/postgres/{owner,publisher,reader}.password``, mode 0600, one line,
and in libpq's own form in ``*.pgpass`` beside them. Host 127.0.0.1, port ``LUMBUNG_POSTGRES_PORT``
(54320), database ``lumbung``, users ``lumbung_owner``, ``lumbung_publisher``, ``lumbung_reader``.
"""
