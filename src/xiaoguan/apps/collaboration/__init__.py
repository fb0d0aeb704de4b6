"""Working together on a record: files, comments, tags; on every record people work with, whoever declares it."""
