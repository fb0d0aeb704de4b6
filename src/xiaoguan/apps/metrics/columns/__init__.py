"""The columnar copy of credits: wide rows in Parquet files that DuckDB reads, exact at any moment.

`marking` says what the copy lacks, `wide` reads wide rows from the database, `files` keeps them on disk, `keeping`
makes the next copy from the last, `reading` answers from both together. Without DuckDB none of it happens.
"""
