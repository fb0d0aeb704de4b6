"""Pages that follow from an entity: list, record, form, verbs, board, export."""
