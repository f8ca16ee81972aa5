"""The migrations, run one after the other, give exactly the tables the code describes."""

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from backend.storage.migrate import HERE
from backend.storage.tables import metadata


def test_migrated_schema_equals_the_tables_in_code(empty_database):
    engine = create_engine(f"sqlite:///{empty_database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_every_index_in_code_is_in_the_database(empty_database):
    engine = create_engine(f"sqlite:///{empty_database}")
    there = {index["name"] for table in metadata.tables for index in inspect(engine).get_indexes(table)}
    assert {index.name for table in metadata.tables.values() for index in table.indexes} <= there
    engine.dispose()


def test_migrations_are_one_line():
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert len(script.get_heads()) == 1
    assert [len(step.nextrev) <= 1 for step in script.walk_revisions()]
