"""The machine: records, entities, actions, access, lists and pages, without one business word."""
