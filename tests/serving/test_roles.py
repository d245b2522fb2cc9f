"""What each role may do: a reader reads marts, and nothing else, whatever it tries."""

from __future__ import annotations

import pytest

from serving import access, publish, server
from tests.serving import workbench
from tests.serving.workbench import ask, refused


@pytest.fixture(scope="module", autouse=True)
def published(served):
    workbench.release(served, 1)
    publish.publish(served)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("insert into marts.publication values ('x', now())", "InsufficientPrivilege"),
        ("update marts.unemployment set n_ranked = 0", "InsufficientPrivilege"),
        ("delete from marts.unemployment", "InsufficientPrivilege"),
        ("truncate store.unemployment", "InsufficientPrivilege"),
        ("drop view marts.unemployment", "InsufficientPrivilege"),
        ("create table marts.mine (i integer)", "InsufficientPrivilege"),
        ("create table public.mine (i integer)", "InsufficientPrivilege"),
        ("create temporary table mine (i integer)", "InsufficientPrivilege"),
        ("create schema mine", "InsufficientPrivilege"),
        ("create function marts.f() returns integer language sql as 'select 1'",
         "InsufficientPrivilege"),
        ("do 'begin perform 1; end'", "InsufficientPrivilege"),
        ("select lo_create(0)", "InsufficientPrivilege"),
        ("select lo_from_bytea(0, 'x')", "InsufficientPrivilege"),
        ("comment on view marts.unemployment is 'x'", "InsufficientPrivilege"),
        ("create database mine", "InsufficientPrivilege"),
        ("create role mine", "InsufficientPrivilege"),
    ],
)  # fmt: skip
def test_a_reader_writes_nothing(served, statement, error):
    assert refused(served, statement) == error


@pytest.mark.parametrize(
    "statement",
    [
        "select * from store.unemployment",
        "select * from ctl.current",
        "select * from ctl.loaded",
        "select rolpassword from pg_authid",
        "select passwd from pg_shadow",
        "begin; lock table ctl.gate",
    ],
)
def test_a_reader_sees_no_other_schema(served, statement):
    assert refused(served, statement) == "InsufficientPrivilege"


@pytest.mark.parametrize(
    "statement",
    [
        "select pg_read_file('/etc/passwd')",
        "select pg_read_binary_file('PG_VERSION')",
        "select pg_ls_dir('.')",
        "select pg_stat_file('PG_VERSION')",
        "select lo_import('/etc/passwd')",
        "copy (select 1) to '/tmp/lumbung-reader-was-here'",
        "copy (select 1) to program 'true'",
        "create extension dblink",
        "create extension file_fdw",
        "create extension adminpack",
        "load 'auto_explain'",
    ],
)
def test_a_reader_reaches_no_file(served, statement):
    assert refused(served, statement) in (
        "InsufficientPrivilege", "FeatureNotSupported", "UndefinedFile",
    )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "alter system set work_mem = '1GB'",
        "set session_replication_role = replica",
        "set log_statement = 'all'",
        "set temp_file_limit = -1",
        "alter database lumbung set search_path = store",
        "alter role lumbung_publisher password 'x'",
        "alter role lumbung_reader superuser",
        "alter role lumbung_reader connection limit -1",
        "set role lumbung_publisher",
        "set session authorization lumbung_owner",
        "select pg_reload_conf()",
        "select pg_rotate_logfile()",
        "select pg_cancel_backend(pg_backend_pid())",
        "select pg_terminate_backend(pg_backend_pid())",
        "select pg_advisory_lock(1)",
        "checkpoint",
    ],
)
def test_a_reader_changes_no_setting_and_disturbs_nobody(served, statement):
    assert refused(served, statement) == "InsufficientPrivilege"


def test_a_reader_comes_into_no_other_database(served):
    for database in ("postgres", "template1"):
        with pytest.raises(Exception, match="permission denied for database"):
            access.connect(served, "reader", database=database)


def test_what_a_reader_changes_of_itself_is_set_back_at_the_next_start(served):
    """PostgreSQL lets every role change its own password and defaults: no privilege forbids it."""
    with access.connect(served, "reader") as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.execute("alter role lumbung_reader set search_path = pg_catalog")
        connection.execute("alter role lumbung_reader password 'mine'")
    server.start(served)
    assert ask(served, "show search_path") == [("marts",)]
    assert ask(served, "select count(*) from publication") == [(1,)]


def test_the_publisher_owns_no_roles_and_no_files(served):
    for statement in (
        "create role mine", "create database mine", "create schema mine",
        "drop table ctl.current", "select pg_read_file('PG_VERSION')",
        "alter role lumbung_reader superuser", "drop schema marts cascade",
    ):  # fmt: skip
        assert refused(served, statement, "publisher") == "InsufficientPrivilege", statement


def test_nobody_but_the_administrator_is_a_superuser(served):
    rows = ask(served, "select rolname from pg_roles where rolsuper or rolcreaterole")
    assert rows == [("lumbung_admin",)]


def test_passwords_lie_in_files_of_their_owner_and_in_no_connection_string(served):
    for role in access.ROLES:
        path = access.password_file(served, role)
        password = path.read_text().strip()
        assert (path.stat().st_mode & 0o777, len(password)) == (0o600, 32)
        assert access.pass_file(served, role).stat().st_mode & 0o777 == 0o600
        assert password not in access.dsn(served, role)
        assert password not in access.conninfo(served, role)
